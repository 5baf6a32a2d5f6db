import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** The worker's file and the flags that Node needs to load it. */
export type WorkerProgram = { url: URL; execArgv: string[] };

// Written out with import.meta.url, so that bundlers see and copy the file.
const built = new URL("./image-worker.js", import.meta.url);
const fromSource = new URL("./image-worker-from-source.mjs", import.meta.url);

/**
 * Finds the worker next to this module. In the build that is a plain .js file; run from source (vitest, tsx) it
 * is TypeScript, which a line of JavaScript loads with tsx. Undefined when neither is there, e.g. in a bundle
 * that left the worker out: the caller then stays in-process, with the same results.
 */
export function findWorkerProgram({
  exists = isFile,
  hasTsx = canResolveTsx,
}: {
  exists?: (file: URL) => boolean;
  hasTsx?: () => boolean;
} = {}): WorkerProgram | undefined {
  if (exists(built)) return { url: built, execArgv: [] };
  if (exists(fromSource) && hasTsx()) return { url: fromSource, execArgv: ["--conditions=@csl/source"] };
  return undefined;
}

function isFile(file: URL): boolean {
  return file.protocol === "file:" && existsSync(fileURLToPath(file));
}

function canResolveTsx(): boolean {
  try {
    createRequire(import.meta.url).resolve("tsx");
    return true;
  } catch {
    return false;
  }
}
