import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import type { Binding } from "./binding.js";
import { type BuildOptions, buildBinding } from "./build-binding.js";
import { findLibtorch, type Libtorch } from "./find-libtorch.js";

const require = createRequire(import.meta.url);
let loaded: { binding: Binding; libtorch: Libtorch } | undefined;

/** How to get libtorch, one line. */
export const libtorchHint =
  "apt-get install g++ libtorch-dev (Debian, Ubuntu), or pip install torch, or brew install pytorch (macOS), or set LIBTORCH";

/** Finds libtorch, compiles the binding if need be and loads it; once per process. */
export async function loadBinding(
  options: BuildOptions = {},
): Promise<{ binding: Binding; libtorch: Libtorch }> {
  if (loaded) return loaded;
  const { found, tried } = findLibtorch();
  if (!found) throw new Error(`torch: no libtorch found (${tried.join("; ")}). To get it: ${libtorchHint}.`);
  const path = await buildBinding(found, options);
  calmOpenMp();
  try {
    loaded = { binding: require(path) as Binding, libtorch: found };
  } catch (cause) {
    const [reason] = (cause as Error).message.split("\n");
    throw new Error(
      `torch: libtorch ${found.version} (${found.source}) does not load: ${reason}. Reinstall it, or set LIBTORCH to another.`,
    );
  }
  return loaded;
}

/**
 * OpenMP's threads spin while they wait; beside another busy process that makes operators ten times slower. A bounded
 * spin costs little when the machine is idle. Read once, when libgomp is loaded, so it must be set before.
 */
function calmOpenMp(): void {
  if (
    process.env.OMP_WAIT_POLICY === undefined &&
    process.env.GOMP_SPINCOUNT === undefined &&
    availableParallelism() <= 4
  ) {
    process.env.GOMP_SPINCOUNT = "1000";
  }
}
