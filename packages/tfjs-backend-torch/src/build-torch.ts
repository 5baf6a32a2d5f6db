import { buildBinding } from "./build-binding.js";
import { findLibtorch } from "./find-libtorch.js";
import { requireLibtorch } from "./load-binding.js";
import { verifyBinding } from "./verify-binding.js";

/**
 * Finds libtorch, compiles the binding against it if that was not done yet, and loads it in a process of its own. What
 * `csl engines build-torch` does; the first `startTorch` does the same when it was not.
 *
 * @returns the compiled binding's path and libtorch's version
 * @throws with one line that says what is missing and how to get it
 */
export async function buildTorch({ log }: { log?: (line: string) => void } = {}): Promise<{
  path: string;
  version: string;
}> {
  const libtorch = requireLibtorch(findLibtorch());
  log?.(`libtorch ${libtorch.version}: ${libtorch.source}`);
  const path = await buildBinding(libtorch, log ? { log } : {});
  await verifyBinding(path).catch(async ({ message }: Error) => {
    log?.(`the binding in the cache does not load (${message}); compiling it again`);
    await buildBinding(libtorch, { ...(log ? { log } : {}), force: true });
  });
  return { path, version: libtorch.version };
}
