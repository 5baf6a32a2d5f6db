/** Why an attempt brought no file. */
export interface Failure {
  /** What a person reads in missing.csv. */
  reason: string;
  /** Whether another attempt may succeed. */
  again: boolean;
  /** Milliseconds that the server asked to wait. */
  wait?: number | undefined;
  /** Whether the bytes in the `.part` file are useless: they are of another file, or damaged. */
  stale?: boolean;
  /** The whole file came and is not what it should be. */
  wrong?: boolean;
  /** The answer, where it was one that brings no file. */
  answer?: { status: number; headers: Headers } | undefined;
  cause?: unknown;
}

/** Statuses after which the same request may succeed later. All others are final. */
const TEMPORARY = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What an HTTP status other than success means. */
export function failureOfStatus({
  status,
  statusText,
  headers,
}: Pick<Response, "status" | "statusText" | "headers">): Failure {
  const reason = `${status} ${statusText}`.trim();
  return { reason, again: TEMPORARY.has(status), answer: { status, headers } };
}

/** What an exception of `fetch` or of a body means. Node puts the system's code into the cause. */
export function failureOfNetwork(error: unknown): Failure {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  const reason = [cause?.code, cause?.message ?? message].filter(Boolean).join(": ");
  return { reason, again: true, cause: error };
}

/** After this one nothing of the `.part` file is kept. */
export function staleFailure(reason: string): Failure {
  return { reason, again: true, stale: true };
}
