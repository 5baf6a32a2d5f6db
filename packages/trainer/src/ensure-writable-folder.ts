import { mkdir, open, rm } from "node:fs/promises";

/**
 * Makes `folder` and proves that files can be written into it, before hours of work are at stake.
 *
 * @throws naming the folder, the system's reason and the way out.
 */
export async function ensureWritableFolder(speaker: string, folder: string): Promise<void> {
  const probe = `${folder}/.write-test-${process.pid}`;
  try {
    await mkdir(folder, { recursive: true });
    await (await open(probe, "w")).close();
    await rm(probe);
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw new Error(
      `${speaker}: expected a folder that can be written, got ${folder} (${code}). Choose another folder or change its permissions.`,
      { cause },
    );
  }
}
