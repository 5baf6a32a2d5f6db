import type * as nodeFiles from "node:fs/promises";
import { hostname } from "node:os";

type Owner = { pid: number; host: string };

/**
 * Keeps a second run out of a folder: two writers would mix their bytes. The lock of a process that is gone (killed) is
 * taken over.
 *
 * @returns what gives the lock back
 * @throws naming who holds it, and what to do when that is not so
 */
export async function lockFolder(
  path: string,
  { writeFile, readFile, rm }: Pick<typeof nodeFiles, "writeFile" | "readFile" | "rm">,
): Promise<() => Promise<void>> {
  const own: Owner = { pid: process.pid, host: hostname() };
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(path, JSON.stringify(own), { flag: "wx" });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = ownerOf(await readFile(path, "utf8").catch(() => ""));
    if (owner && (owner.host !== own.host || isAlive(owner.pid))) {
      throw new Error(
        `prepareShards: expected to be alone in the folder, but process ${owner.pid} on ${owner.host} is at work there. ` +
          `Wait for it, or delete ${path} when it is gone.`,
      );
    }
    await rm(path, { force: true });
  }
  throw new Error(
    `prepareShards: expected to take ${path}, but another process was faster. Start one run only.`,
  );
}

function ownerOf(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return undefined; // torn by a kill
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // another user's
  }
}
