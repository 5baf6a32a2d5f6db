import { type CslErrorCode, isCslError } from "@csl/internal/errors/csl-error";

/** Codes that only the service has, besides those of every package. */
export type ServiceErrorCode = CslErrorCode | "unauthorized" | "forbidden" | "too-large" | "busy";

/** What the service answers instead of tags: `{ error: { code, message } }`. */
export class ServiceError extends Error {
  constructor(
    readonly status: number,
    readonly code: ServiceErrorCode,
    message: string,
    /** Seconds after which it is worth another try. */
    readonly retryAfter?: number,
  ) {
    super(message);
    this.name = "ServiceError";
  }
}

/** Statuses of errors by their code. Any other is a fault of the service's. */
const statuses: Partial<Record<CslErrorCode, number>> = {
  "invalid-argument": 400,
  "unknown-option": 400,
  "invalid-file": 422,
  "not-found": 404,
  unsupported: 415,
  network: 422,
  timeout: 503,
  closed: 503,
};

/** Whatever was thrown, as an answer. What went wrong inside is not told to strangers. */
export function answerOf(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (isCslError(error)) {
    const status = statuses[error.code];
    if (status) return new ServiceError(status, error.code, error.message, status === 503 ? 1 : undefined);
  }
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE" || statusCode === 413)
    return new ServiceError(413, "too-large", "csl serve: the request is larger than --max-bytes.");
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ServiceError(
      statusCode,
      statusCode === 415 ? "unsupported" : "invalid-argument",
      `csl serve: ${(error as Error).message}`,
    );
  return new ServiceError(500, "failed", "csl serve: the model failed. The service's log says why.");
}

/** As JSON. */
export function errorBody({ code, message }: ServiceError): { error: { code: string; message: string } } {
  return { error: { code, message } };
}
