/**
 * What to tell when writing into `folder` failed. Errors that are not the file system's (no `code`) are told as they
 * are.
 */
export function writeError(error: unknown, folder: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return error;
  const full = code === "ENOSPC" || code === "EDQUOT";
  return new Error(
    `shard writer: ${full ? `no room left on the disk of ${folder} (${code})` : `cannot write into ${folder}: ${message}`}. ` +
      `What is written so far is kept. ${full ? "Free some room" : "Check the folder and its rights"} and run the same ` +
      "again: it continues.",
    { cause: error },
  );
}
