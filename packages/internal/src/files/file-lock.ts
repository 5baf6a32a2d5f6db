import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import * as nodeFiles from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CslError } from "../errors/csl-error.js";
import { explainWriteError } from "./explain-write-error.js";

/** What is locked belongs to this run until it is released. */
export interface FileLock {
  /** @throws CslError `in-use` when another run has taken the lock over: this one must not write any more */
  assertHeld(): void;
  /** Removes the lock file, unless it is another run's by now. */
  release(): Promise<void>;
}

export interface LockOptions {
  /** Who locks, as errors begin: `prepareShards`. */
  speaker: string;
  /** Waits until the lock is free, instead of throwing. Called with who holds it, once for each holder. */
  onWait?: ((holder: string) => void) | undefined;
  /** Ends the waiting with its reason. */
  signal?: AbortSignal | undefined;
  /** Milliseconds after which a waiting run looks again. */
  pollEvery?: number;
  /** The holder writes its lock file again after so many milliseconds … */
  renewEvery?: number;
  /** … and has lost it after so many without, where nothing else says whether its process still runs. */
  silence?: number;
  files?: Pick<typeof nodeFiles, "mkdir" | "open" | "readFile" | "rm" | "stat" | "writeFile">;
}

/** What a lock file holds. */
interface Owner {
  pid: number;
  host: string;
  /** Tells two machines, boots or containers of one name apart; undefined where the system does not say. */
  machine: string | undefined;
  /** When the process started: numbers of processes are used again. Undefined where the system does not say. */
  started: string | undefined;
  token: string;
}

/**
 * Lets one run at a time work on a file or in a folder: two writers would mix their bytes. `path` is the lock file, which
 * holds who has the lock; by convention `<file>.lock`, or `<name>.lock` in the folder. Its folder is made.
 *
 * The lock of a process that has ended is taken over at once. It is recognised by its number and start time, so a
 * suspended process keeps its lock. Of a process on another machine, or in another container, only the time of the last
 * renewal is known: its lock is taken over after `silence`.
 *
 * @throws CslError `in-use`, naming who holds it, and what to do; `cannot-write` when the file cannot be made
 */
export async function lockFile(
  path: string,
  {
    speaker,
    onWait,
    signal,
    pollEvery = 200,
    renewEvery = 10_000,
    silence = 60_000,
    files = nodeFiles,
  }: LockOptions,
): Promise<FileLock> {
  const own: Owner = { ...thisProcess(), token: randomUUID() };
  const text = JSON.stringify(own);
  const isOurs = async (): Promise<boolean> =>
    parseOwner(await files.readFile(path, "utf8"))?.token === own.token;
  try {
    await files.mkdir(dirname(path), { recursive: true });
    for (let announced = ""; !(await take()); ) {
      const { holder, certain } = await whoHolds();
      if (holder === undefined) continue; // released meanwhile
      if (!onWait) throw new CslError("in-use", inUse(holder, certain));
      if (holder !== announced) onWait(holder);
      announced = holder;
      await sleep(pollEvery, undefined, { signal }).catch((error) => {
        signal?.throwIfAborted(); // the reason itself
        throw error;
      });
    }
  } catch (error) {
    throw explainWriteError(error, { path, speaker });
  }

  let lost = false;
  const timer = setInterval(() => void renew().catch(() => {}), renewEvery).unref();
  return {
    assertHeld() {
      if (!lost) return;
      throw new CslError(
        "in-use",
        `${speaker}: expected to be the only run here, but another one has taken ${path} over, as this one did not renew ` +
          "it in time (was it suspended?). Wait for that run to end.",
      );
    },
    async release() {
      clearInterval(timer);
      if (await isOurs().catch(() => false)) await files.rm(path, { force: true });
    },
  };

  /** What the lock file holds; undefined when there is none. */
  async function content(): Promise<string | undefined> {
    try {
      return await files.readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Makes the lock file, in place of one whose owner is gone. */
  async function take(): Promise<boolean> {
    if (await create()) return true;
    const seen = await content();
    if (seen === undefined || !(await isAbandoned(parseOwner(seen)))) return false;
    if ((await content()) === seen) await files.rm(path, { force: true });
    // Another process may have seen the same, and delete what this one writes.
    return (await create()) && (await sleep(50).then(isOurs, () => false));
  }

  async function create(): Promise<boolean> {
    try {
      await files.writeFile(path, text, { flag: "wx" });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      // On a full disk the file is there, and empty.
      if ((await content().catch(() => undefined)) === "") await files.rm(path, { force: true });
      throw error;
    }
  }

  async function isAbandoned(owner: Owner | undefined): Promise<boolean> {
    const runs = owner && isRunning(owner, own);
    return runs === undefined ? (await lockAge(path, own.token, files)) >= silence : !runs;
  }

  async function whoHolds(): Promise<{ holder?: string; certain: boolean }> {
    const seen = await content();
    if (seen === undefined) return { certain: false };
    const owner = parseOwner(seen);
    const holder = owner ? `process ${owner.pid} on ${owner.host}` : "another process";
    return { holder, certain: owner !== undefined && isRunning(owner, own) === true };
  }

  function inUse(holder: string, certain: boolean): string {
    const abandoned = `If it has ended, the lock is taken over ${silence / 1000} s after it was last renewed.`;
    return (
      `${speaker}: expected to be the only run here, got ${holder} at work (${path}). ` +
      `Wait for it or stop it, then run the same again.${certain ? "" : ` ${abandoned}`}`
    );
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
async function lockAge(
  path: string,
  token: string,
  { writeFile, stat, rm }: Pick<typeof nodeFiles, "writeFile" | "stat" | "rm">,
): Promise<number> {
  const probe = `${path}.${token}`;
  try {
    await writeFile(probe, "");
    return (await stat(probe)).mtimeMs - (await stat(path)).mtimeMs;
  } catch (error) {
    // Released at this moment.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Number.POSITIVE_INFINITY;
    throw error;
  } finally {
    await rm(probe, { force: true });
  }
}

/** Undefined when the file was cut off by a kill, or is being written at this moment. */
function parseOwner(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return undefined;
  }
}

/** Undefined when this machine cannot tell. */
function isRunning({ pid, host, machine, started }: Owner, own: Owner): boolean | undefined {
  if (host !== own.host || (machine !== undefined && machine !== own.machine)) return undefined;
  try {
    process.kill(pid, 0); // sends nothing
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false; // EPERM: another user's
  }
  const now = processStart(pid);
  return started === undefined || now === undefined ? undefined : started === now;
}

function thisProcess(): Omit<Owner, "token"> {
  return { pid: process.pid, host: hostname(), machine: machineId(), started: processStart(process.pid) };
}

/** Linux: the boot, and the space of process numbers, which every container has for itself. */
function machineId(): string | undefined {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return undefined;
  }
}

/** Linux: the 22nd field of the process's state, in clock ticks since the boot. The second one may hold spaces. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
