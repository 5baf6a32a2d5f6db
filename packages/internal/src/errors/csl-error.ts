/** What went wrong, in one word that a program can decide on. The message is for people. */
export const cslErrorCodes = {
  "invalid-argument": "an argument, option or flag has a value that is not allowed",
  "unknown-option": "an options object or a configuration file has a name that does not exist",
  "invalid-file": "a file or a response has content that cannot be used: damaged, cut off, of another format",
  "not-found": "a file, folder, class, split or name is not there",
  "already-exists": "a file or run is there and would be overwritten",
  "cannot-read": "the system refuses to read",
  "cannot-write": "the system refuses to write: full disk, no permission, read-only",
  "in-use": "another process holds the lock",
  mismatch: "two things that must agree do not: classes, shapes of weights, settings of a resumed run",
  different: "what was to be verified is not what it was",
  unsupported: "this machine, engine, browser or format does not offer it",
  network: "a server or the connection failed",
  timeout: "something did not answer in time",
  "not-finite": "a loss or a gradient is not a finite number",
  failed: "a program or library that was called failed",
  closed: "something was used after it was closed or disposed",
} as const;

export type CslErrorCode = keyof typeof cslErrorCodes;

/**
 * The one error that every `@csl` package throws. The message names the speaker, what was expected, what came and the
 * way out; `code` is what a program decides on.
 *
 * Every package carries its own copy of this class, so recognise it with {@link isCslError} (by name and code), not
 * with `instanceof`.
 */
export class CslError extends Error {
  readonly code: CslErrorCode;

  constructor(code: CslErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "CslError";
    this.code = code;
  }
}

/** Whether `error` is a {@link CslError} of any copy of the class and, when given, has this code. */
export function isCslError(error: unknown, code?: CslErrorCode): error is CslError {
  if (!(error instanceof Error) || error.name !== "CslError") return false;
  const own = (error as CslError).code;
  return Object.hasOwn(cslErrorCodes, own) && (code === undefined || own === code);
}
