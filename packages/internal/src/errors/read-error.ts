import { CslError } from "./csl-error.js";

/**
 * The error of a file that could not be opened or read: `f: expected a file at a.json, got ENOENT. Is the path right?`
 *
 * @param cause what the system threw.
 * @param what what was expected there, with its article.
 */
export function readError(speaker: string, path: string, cause: unknown, what = "a file"): CslError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const isAbsent = code === "ENOENT" || code === "ENOTDIR";
  return new CslError(
    isAbsent ? "not-found" : "cannot-read",
    `${speaker}: expected ${what} at ${path}, got ${code ?? message}. Is the path right?`,
    { cause },
  );
}
