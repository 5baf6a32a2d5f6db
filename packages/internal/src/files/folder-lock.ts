import { randomUUID } from "node:crypto";
import type * as nodeFiles from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

type Owner = { pid: number; host: string; token: string };

/** A folder that this run has for itself. */
export type FolderLock = {
  /** @throws when another run has taken the folder over: this one must not write any more */
  assertHeld(): void;
  /** Gives the folder back. */
  release(): Promise<void>;
};

/**
 * Keeps a second run out of a folder: two writers would mix their bytes. Whoever holds the lock renews it every `beat`
 * milliseconds. It is taken over when its process is gone, or when it has not been renewed for `silence`: process ids
 * are used again (in a container they are always the same), and of another machine's nothing is known.
 *
 * @throws naming who holds it, and what to do when that is not so
 */
export async function lockFolder(
  path: string,
  files: Pick<typeof nodeFiles, "writeFile" | "readFile" | "rm" | "stat" | "open">,
  { beat = 10_000, silence = 60_000 }: { beat?: number; silence?: number } = {},
): Promise<FolderLock> {
  const { writeFile, readFile, rm } = files;
  const own: Owner = { pid: process.pid, host: hostname(), token: randomUUID() };
  const text = JSON.stringify(own);
  const isOurs = async (): Promise<boolean> => ownerOf(await readFile(path, "utf8"))?.token === own.token;
  let taken = await take();
  if (!taken) {
    const seen = await readFile(path, "utf8").catch(() => "");
    const owner = ownerOf(seen);
    const gone = owner?.host === own.host && !isAlive(owner.pid);
    if (!gone && (await ageOf(path, own.token, files)) < silence) {
      const who = owner ? `process ${owner.pid} on ${owner.host}` : "another process";
      throw new Error(
        `prepareShards: expected to be alone in the folder, but ${who} is at work there. ` +
          `Wait for it; if it is gone, ${path} is taken over ${silence / 1000} s after its last sign of life.`,
      );
    }
    if ((await readFile(path, "utf8").catch(() => seen)) === seen) await rm(path, { force: true });
    // Another process may have seen the same, and delete what this one writes.
    taken = (await take()) && (await sleep(50).then(isOurs, () => false));
  }
  if (!taken) {
    throw new Error(
      `prepareShards: expected to take ${path}, but another process was faster. Start one run only.`,
    );
  }

  let lost = false;
  const timer = setInterval(() => void renew().catch(() => {}), beat).unref();
  return {
    assertHeld() {
      if (!lost) return;
      throw new Error(
        `prepareShards: expected to be alone in the folder, but another run took ${path} over, as this one gave no ` +
          "sign of life (was it suspended?). Wait for that one.",
      );
    },
    async release() {
      clearInterval(timer);
      if (await isOurs().catch(() => false)) await rm(path, { force: true });
    },
  };

  async function take(): Promise<boolean> {
    try {
      await writeFile(path, text, { flag: "wx" });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      return false;
    }
  }

  async function renew(): Promise<void> {
    lost = !(await isOurs());
    if (lost) return clearInterval(timer);
    // In place: it needs no room on a full disk, and the time is the file system's own.
    const file = await files.open(path, "r+");
    await file.write(text).finally(() => file.close());
  }
}

/** Milliseconds since a file was written, by the clock of its file system. */
async function ageOf(
  path: string,
  token: string,
  { writeFile, stat, rm }: Pick<typeof nodeFiles, "writeFile" | "stat" | "rm">,
): Promise<number> {
  const probe = `${path}.${token}`;
  try {
    await writeFile(probe, "");
    return (await stat(probe)).mtimeMs - (await stat(path)).mtimeMs;
  } catch (error) {
    // Given back at this moment.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Number.POSITIVE_INFINITY;
    throw error;
  } finally {
    await rm(probe, { force: true });
  }
}

/** Undefined where a kill has torn it, or it is being written at this moment. */
function ownerOf(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return undefined;
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
