import { CslError } from "../errors/csl-error.js";

/** What the system's codes mean, and what helps. */
const reasons: Record<string, [reason: string, wayOut: string]> = {
  ENOSPC: ["the disk is full", "Free some space on it"],
  EDQUOT: ["the disk quota is used up", "Make room"],
  EFBIG: ["the file system takes no file of that size", "Choose a folder on another"],
  EACCES: ["you may not write there", "Choose another folder, or change its permissions"],
  EPERM: ["you may not write there", "Choose another folder, or change its permissions"],
  EROFS: ["the file system is read-only", "Choose another folder"],
  ENOTDIR: ["a part of its path is a file, not a folder", "Choose another folder"],
  EEXIST: ["a part of its path is a file, not a folder", "Choose another folder"], // from making the folder
  EISDIR: ["a folder has that name", "Choose another name"],
  ENAMETOOLONG: ["its name is too long for the file system", "Choose a shorter one"],
  EIO: ["the disk failed", "Check the disk, or choose another folder"],
};

/**
 * An error of the file system while `path` was written, as a CslError `cannot-write` with the reason, the system's code
 * and the way out; its `cause` is the system's error. Anything else comes back as it is.
 *
 * @param state what is true of the files now, the end of a sentence
 */
export function explainWriteError(
  error: unknown,
  {
    path,
    speaker,
    state = "what was there before is as it was",
  }: { path: string; speaker: string; state?: string },
): unknown {
  if (!isSystemError(error)) return error;
  const { code, message } = error;
  const [reason = message, wayOut = "Choose another folder, or check its disk"] = reasons[code] ?? [];
  const explained = reason.includes(code) ? reason : `${reason} (${code})`;
  return new CslError(
    "cannot-write",
    `${speaker}: cannot write ${path}: ${explained}. ${wayOut}; ${state}.`,
    {
      cause: error,
    },
  );
}

/** Whether the operating system reported it: Node's own codes begin with ERR_. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof Error && typeof code === "string" && /^E[A-Z0-9]+$/.test(code);
}
