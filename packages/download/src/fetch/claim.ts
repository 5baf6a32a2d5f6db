import { hostname } from "node:os";
import { dirname } from "node:path";
import type { Clock } from "./clock.js";
import type { FetchFiles } from "./part-file.js";

type Owner = { process: number; host: string };
export type ClaimOptions = { speaker: string; files: FetchFiles; clock: Clock };

/** A claim is touched this often, in milliseconds … */
const BEAT = 30_000;
/** … and without a touch for so long it is that of a run that was killed on some machine. */
const DEAD = 120_000;

/** Claims of this process: another call in it has the same process number. */
const held = new Set<string>();

/**
 * Makes sure that one run at a time writes what `path` (a small file that it creates) stands for: two runs would write
 * into each other's `.part` files, and one could give its name to what the other has only half written. The claim of a
 * killed run is taken over. Where no file can be created there is nothing to protect either.
 *
 * @returns what gives the claim back
 * @throws when another run is at work
 */
export async function claim(path: string, options: ClaimOptions): Promise<() => Promise<void>> {
  const { speaker, files, clock } = options;
  const owner: Owner = { process: process.pid, host: hostname() };
  try {
    await files.mkdir(dirname(path), { recursive: true });
  } catch {
    return async () => {};
  }
  for (let tries = 0; ; tries++) {
    try {
      await files.writeFile(path, JSON.stringify(owner), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || tries > 2) return async () => {};
    }
    const other = await aliveOwner(path, options);
    if (other) {
      throw new Error(
        `${speaker}: expected to be the only run here, got process ${other.process} on ${other.host} at work (${path}). ` +
          "Wait for it or stop it, then run the same again.",
      );
    }
    await files.rm(path, { force: true });
  }
  held.add(path);
  const timer = setInterval(() => {
    files.utimes(path, clock.now() / 1000, clock.now() / 1000).catch(() => {});
  }, BEAT);
  timer.unref();
  return async () => {
    clearInterval(timer);
    held.delete(path);
    await files.rm(path, { force: true }).catch(() => {});
  };
}

/** Who holds the claim; undefined when that run is gone. */
async function aliveOwner(path: string, { files, clock }: ClaimOptions): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await files.readFile(path, "utf8")) as Owner;
    const age = clock.now() - (await files.stat(path)).mtimeMs;
    const here = owner.host === hostname();
    const gone = here && (owner.process === process.pid ? !held.has(path) : !isRunning(owner.process));
    return gone || age > DEAD ? undefined : owner;
  } catch {
    return undefined; // given back meanwhile, or cut off: a run that was killed while it wrote
  }
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0); // sends nothing
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // another user's
  }
}
