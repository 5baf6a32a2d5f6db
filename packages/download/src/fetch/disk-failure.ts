/**
 * Writing failed: no other image can succeed either, so everything stops. What is there stays usable and the same
 * command continues.
 */
class DiskFailure extends Error {
  override readonly name = "DiskFailure";

  constructor(path: string, cause: unknown) {
    const { code = "", message } = cause as NodeJS.ErrnoException;
    const full = code === "ENOSPC" || code === "EDQUOT";
    super(
      full
        ? `fetch: no room left on the disk for ${path} (${code}). What is there is whole. Free some room or choose ` +
            "another folder, then run the same again: it continues."
        : `fetch: cannot write ${path}: ${message}. Check the folder and its rights, then run the same again.`,
      { cause },
    );
  }
}

/** Runs something that writes; whatever it throws becomes a `DiskFailure`. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new DiskFailure(path, error);
  }
}
