import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { isAbsolute } from "node:path";
import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import type { Binding } from "./binding.js";
import { type BuildOptions, buildBinding } from "./build-binding.js";
import type { Libtorch } from "./check-libtorch.js";
import { findLibtorch, type LibtorchSearch } from "./find-libtorch.js";

const require = createRequire(import.meta.url);
let loaded: LoadedBinding | undefined;

export interface LoadedBinding {
  binding: Binding;
  libtorch: Libtorch;
}

/** How to get libtorch, one line. */
export const libtorchHint =
  "apt-get install g++ libtorch-dev (Debian, Ubuntu), or pip install torch, or brew install pytorch (macOS), or set LIBTORCH";

/** The way out on a system that has no torch engine, one line. */
export const unsupportedHint = "use it in WSL (Linux within Windows), or start one of the other engines";

/** Finds libtorch, compiles the binding if need be and loads it; once per process. */
export async function loadBinding(options: BuildOptions = {}): Promise<LoadedBinding> {
  if (loaded) return loaded;
  const libtorch = requireLibtorch(findLibtorch());
  const path = await buildBinding(libtorch, options);
  limitSpinning();
  // A cached binding whose libraries have changed since is compiled again, once.
  let attempt = tryToLoad(path);
  if (typeof attempt === "string") {
    attempt = tryToLoad(await buildBinding(libtorch, { ...options, force: true }));
  }
  if (typeof attempt === "string") {
    throw new CslError(
      "failed",
      `torch: libtorch ${libtorch.version} (${libtorch.source}) does not load: ${attempt}. Reinstall it, or name another in LIBTORCH.`,
    );
  }
  loaded = { binding: withTestDevice(attempt), libtorch };
  return loaded;
}

/**
 * For tests of what runs on a GPU, on machines without one: CSL_TORCH_DEVICE_LIBRARY names a library that registers a
 * device with libtorch and stands in the place of CUDA (test/fake-device).
 */
function withTestDevice(binding: Binding): Binding {
  return hasTestDevice()
    ? { ...binding, ...(require(process.env.CSL_TORCH_DEVICE_LIBRARY!) as Partial<Binding>) }
    : binding;
}

export function hasTestDevice(): boolean {
  return isAbsolute(process.env.CSL_TORCH_DEVICE_LIBRARY ?? "");
}

/** @throws when the search found none, with everything it tried and how to get libtorch, or why it did not search */
export function requireLibtorch({ found, tried, unsupported }: LibtorchSearch): Libtorch {
  if (unsupported)
    throw new CslError(
      "unsupported",
      `torch: the torch engine is ${unsupported}. Instead: ${unsupportedHint}.`,
    );
  if (!found)
    throw new CslError(
      "unsupported",
      `torch: no libtorch found (${tried.join("; ")}). To get it: ${libtorchHint}.`,
    );
  return found;
}

/** The binding, or why it does not load. */
function tryToLoad(path: string): Binding | string {
  try {
    return require(path) as Binding;
  } catch (cause) {
    // The binding's own error (another thread has it): compiling again would not help.
    if (isCslError(cause)) throw cause;
    return (cause as Error).message.split("\n")[0]!;
  }
}

/**
 * OpenMP's threads spin while they wait; beside another busy process that makes operators ten times slower. A bounded
 * spin costs little when the machine is idle. Read once, when libgomp is loaded, so it must be set before.
 */
function limitSpinning(): void {
  if (
    process.env.OMP_WAIT_POLICY === undefined &&
    process.env.GOMP_SPINCOUNT === undefined &&
    availableParallelism() <= 4
  ) {
    process.env.GOMP_SPINCOUNT = "2000";
  }
}
