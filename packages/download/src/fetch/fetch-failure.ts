export type FailureOptions = {
  /** Whether another attempt may succeed. */
  again: boolean;
  /** Milliseconds that the server asked to wait. */
  wait?: number | undefined;
  cause?: unknown;
};

/** Why one attempt brought no file. The message is the reason that a person reads in missing.csv. */
export class FetchFailure extends Error {
  override readonly name = "FetchFailure";
  readonly again: boolean;
  readonly wait: number | undefined;

  constructor(reason: string, { again, wait, cause }: FailureOptions) {
    super(reason, { cause });
    this.again = again;
    this.wait = wait;
  }
}

/** Statuses after which the same request may succeed later. All others are the server's last word. */
const TEMPORARY = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What an HTTP status other than success means. */
export function failureOfStatus(status: number, statusText: string, wait?: number): FetchFailure {
  const reason = `${status} ${statusText}`.trim();
  return new FetchFailure(reason, { again: TEMPORARY.has(status), wait });
}

/** What an exception of `fetch` or of a body means. Node hides the system's code in the cause. */
export function failureOfNetwork(error: unknown): FetchFailure {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  const reason = [cause?.code, cause?.message ?? message].filter(Boolean).join(": ");
  return new FetchFailure(reason, { again: true, cause: error });
}
