import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isCslError } from "@csl/internal/errors/csl-error";
import { lockFile } from "@csl/internal/files/file-lock";

/**
 * Removes what killed compilations left in the cache: their folders, hundreds of megabytes each, and their lock files.
 * One that is at work has its lock and stays; what cannot be removed stays, too.
 *
 * @param options.except the binding that the caller has the lock of: only its folders go.
 */
export async function removeDeadBuilds(cache: string, { except }: { except: string }): Promise<void> {
  const left = new Map<string, string[]>();
  for (const name of await readdir(cache).catch(() => [])) {
    // `<binding>.node.build-1a2b3c`, `<binding>.node.lock`, and `build-1a2b3c` of before there was a lock.
    const found = /^(.+\.node)\.(?:build.*|lock)$/.exec(name) ?? /^(build-)\w{6,}$/.exec(name);
    if (!found) continue;
    const of = found[1]!;
    left.set(of, [...(left.get(of) ?? []), ...(name.endsWith(".lock") ? [] : [name])]);
  }
  for (const [of, folders] of left) {
    const remove = async (): Promise<void> => {
      for (const name of folders) await rm(join(cache, name), { recursive: true, force: true });
    };
    if (join(cache, of) === except) await remove();
    else await whileUnlocked(join(cache, `${of}.lock`), remove).catch(() => {});
  }
}

/** Does it under the lock; not when a running process has that. */
async function whileUnlocked(path: string, work: () => Promise<void>): Promise<void> {
  try {
    const lock = await lockFile(path, { speaker: "torch" });
    await work().finally(() => lock.release());
  } catch (error) {
    if (!isCslError(error, "in-use")) throw error;
  }
}
