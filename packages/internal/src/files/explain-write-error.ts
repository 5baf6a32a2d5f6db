/** What the system's codes mean, and what helps. */
const reasons: Record<string, [reason: string, wayOut: string]> = {
  ENOSPC: ["the disk is full", "Make room on it"],
  EDQUOT: ["the disk quota is used up", "Make room"],
  EFBIG: ["the file system takes no file of that size", "Choose a folder on another"],
  EACCES: ["you may not write there", "Choose another folder, or change its permissions"],
  EPERM: ["you may not write there", "Choose another folder, or change its permissions"],
  EROFS: ["the file system is read-only", "Choose another folder"],
  ENOTDIR: ["a part of its path is a file, not a folder", "Choose another folder"],
  EEXIST: ["a part of its path is a file, not a folder", "Choose another folder"], // from making the folder
  EISDIR: ["a folder has that name", "Choose another name"],
  ENAMETOOLONG: ["its name is too long for the file system", "Choose a shorter one"],
  EIO: ["the disk failed", "Look after the disk, or choose another folder"],
};

/**
 * An error of the file system while `path` was written, in plain words, with its code and the way out; anything else,
 * and what reading another file threw, as it is.
 */
export function explainWriteError(
  error: unknown,
  { path, speaker }: { path: string; speaker: string },
): unknown {
  const { code, message, path: of = path } = error as NodeJS.ErrnoException;
  // Node's own errors begin with ERR_.
  if (!(error instanceof Error) || typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return error;
  if (!of.startsWith(path) && !path.startsWith(of)) return error;
  const [reason = message, wayOut = "Choose another folder, or look at its disk"] = reasons[code] ?? [];
  const told = reason.includes(code) ? reason : `${reason} (${code})`;
  return new Error(
    `${speaker}: cannot write ${path}: ${told}. ${wayOut}; what was there before is as it was.`,
    { cause: error },
  );
}
