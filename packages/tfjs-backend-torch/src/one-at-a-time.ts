import { mkdir, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Does work that several processes may want done at once: one does it, the others wait for it and look again. A lock is
 * a folder; one that is older than `staleAfter` milliseconds was left behind by a process that died, and is ignored.
 *
 * @param isDone whether the result is there; asked again after waiting
 * @param work makes the result; must be harmless when done twice
 */
export async function oneAtATime(
  lock: string,
  isDone: () => boolean,
  work: () => Promise<void>,
  { staleAfter = 300_000, pollEvery = 200 }: { staleAfter?: number; pollEvery?: number } = {},
): Promise<void> {
  while (!(await take(lock))) {
    if (isDone()) return;
    const age = await stat(lock).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > staleAfter) await rm(lock, { recursive: true, force: true });
    else await sleep(pollEvery);
  }
  try {
    if (!isDone()) await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

function take(lock: string): Promise<boolean> {
  return mkdir(lock).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
}
