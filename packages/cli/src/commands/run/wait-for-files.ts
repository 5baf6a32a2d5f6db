import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { CslError } from "@csl/internal/errors/csl-error";

/**
 * Returns when this process sees files that rank 0 has written: a network file system may remember for a while that they were
 * not there.
 *
 * @param options.within seconds
 * @throws CslError `not-found` for one that does not come
 */
export async function waitForFiles(
  paths: readonly string[],
  { rank, signal, within = 60 }: { rank: number; signal: AbortSignal; within?: number },
): Promise<void> {
  const end = Date.now() + within * 1000;
  for (const path of paths)
    while (!existsSync(path)) {
      signal.throwIfAborted();
      if (Date.now() >= end)
        throw new CslError(
          "not-found",
          `csl run: expected rank ${rank} to see ${path}, which rank 0 has written, got no such file in ${within} s. ` +
            "Choose a --path-dest on a file system that all processes see.",
        );
      await setTimeout(200);
    }
}
