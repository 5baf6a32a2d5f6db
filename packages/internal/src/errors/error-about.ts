import { CslError, type CslErrorCode, isCslError } from "./csl-error.js";

/**
 * An error of a lower layer, which names neither file nor caller, as the caller's: `readLvis: a.json: expected …`. It
 * keeps its code; what is no CslError, as the system throws it, gets `code`.
 */
export function errorAbout(
  subject: string,
  cause: unknown,
  { code = "cannot-read" }: { code?: CslErrorCode } = {},
): CslError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new CslError(isCslError(cause) ? cause.code : code, `${subject}: ${message}`, { cause });
}
