import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** The worker's file and the flags that Node needs to load it. */
export type WorkerProgram = { url: URL; execArgv: string[] };

/**
 * Finds the worker next to this module. In the build that is a plain .js file; run from source (vitest, tsx) it
 * is TypeScript, which a line of JavaScript loads with tsx. Undefined when neither can work, e.g. in a bundle
 * that left the worker out: the caller then stays in-process, with the same results.
 */
export function findWorkerProgram(base: string = import.meta.url): WorkerProgram | undefined {
  if (!base.startsWith("file:")) return undefined;
  if (base.endsWith(".ts")) {
    const url = new URL("./picture-worker-from-source.mjs", base);
    return hasTsx(base) ? { url, execArgv: ["--conditions=@csl/source"] } : undefined;
  }
  const url = new URL("./picture-worker.js", base);
  return existsSync(fileURLToPath(url)) ? { url, execArgv: [] } : undefined;
}

function hasTsx(base: string): boolean {
  try {
    createRequire(base).resolve("tsx");
    return true;
  } catch {
    return false;
  }
}
