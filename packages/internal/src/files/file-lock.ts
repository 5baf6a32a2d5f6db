import { randomUUID } from "node:crypto";
import * as nodeFiles from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CslError } from "../errors/csl-error.js";
import { isRunning, type ProcessIdentity, thisProcess } from "../processes/process-identity.js";
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
interface Owner extends ProcessIdentity {
  /** What it runs, for people: `csl train`. */
  command?: string;
  /** When it took the lock, in ISO 8601. */
  since?: string;
  token: string;
}

/** Milliseconds after which a lock file without a whole owner was left by a run that was killed as it wrote it. */
const WRITING = 2000;

/**
 * Lets one run at a time work on a file or in a folder: two writers would mix their bytes. `path` is the lock file, which
 * holds who has the lock (process, machine, command, since when); by convention `<file>.lock`, or `<name>.lock` in the folder. Its folder is made, and removed with the lock
 * where nothing else is in it.
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
  const own: Owner = {
    ...thisProcess(),
    command: commandName(),
    since: new Date().toISOString(),
    token: randomUUID(),
  };
  const text = JSON.stringify(own);
  const isOurs = async (): Promise<boolean> =>
    parseOwner(await files.readFile(path, "utf8"))?.token === own.token;
  let made: string | undefined;
  try {
    made = await files.mkdir(dirname(path), { recursive: true });
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
      if (made !== undefined) await removeEmpty(dirname(path), made);
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
    if (seen === undefined) return false;
    const owner = parseOwner(seen);
    // Its run is writing it, or was killed at that moment.
    if (!owner && !(await staysUnfinished(seen))) return take();
    if (owner && !(await isAbandoned(owner))) return false;
    if ((await content()) === seen) await files.rm(path, { force: true });
    // Another process may have seen the same, and delete what this one writes.
    return (await create()) && (await sleep(50).then(isOurs, () => false));
  }

  async function create(): Promise<boolean> {
    try {
      await files.writeFile(path, text, { flag: "wx" });
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return false;
      if (code === "ENOENT") {
        // Another run that made the folder has removed it again.
        await files.mkdir(dirname(path), { recursive: true });
        return false;
      }
      // On a full disk the file is there, and empty.
      if ((await content().catch(() => undefined)) === "") await files.rm(path, { force: true });
      throw error;
    }
  }

  async function isAbandoned(owner: Owner): Promise<boolean> {
    const runs = isRunning(owner);
    return runs === undefined ? (await lockAge(path, own.token, files)) >= silence : !runs;
  }

  async function staysUnfinished(seen: string): Promise<boolean> {
    while ((await lockAge(path, own.token, files)) < WRITING) {
      await sleep(50);
      if ((await content()) !== seen) return false;
    }
    return true;
  }

  async function whoHolds(): Promise<{ holder?: string; certain: boolean }> {
    const seen = await content();
    if (seen === undefined) return { certain: false };
    const owner = parseOwner(seen);
    const holder = owner ? describeOwner(owner) : "another process";
    return { holder, certain: owner !== undefined && isRunning(owner) === true };
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

/** Removes the folders that were made for a lock and hold nothing, so that a run that is refused leaves none. */
async function removeEmpty(folder: string, upTo: string): Promise<void> {
  for (let at = folder; ; at = dirname(at)) {
    if (await nodeFiles.rmdir(at).catch((error: Error) => error)) return;
    if (resolve(at) === resolve(upTo) || dirname(at) === at) return;
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
    const owner = JSON.parse(text) as Owner | null;
    return typeof owner?.pid === "number" ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** `process 12 on host (csl train, since 2026-11-24 11:46)`, in local time. */
function describeOwner({ pid, host, command, since }: Owner): string {
  const minute = since === undefined ? Number.NaN : Date.parse(since);
  const facts = [
    ...(command === undefined ? [] : [command]),
    // Sweden writes dates as ISO 8601.
    ...(Number.isNaN(minute) ? [] : [`since ${new Date(minute).toLocaleString("sv-SE").slice(0, 16)}`]),
  ];
  return `process ${pid} on ${host}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`;
}

/** The program and its first words: flags may hold addresses with passwords. */
function commandName(): string {
  const [, program = "node", ...words] = process.argv;
  const flag = words.findIndex((word) => word.startsWith("-"));
  const name = basename(program).replace(/\.[cm]?[jt]s$/, "");
  return [name, ...words.slice(0, flag < 0 ? 2 : Math.min(flag, 2))].join(" ").slice(0, 80);
}
