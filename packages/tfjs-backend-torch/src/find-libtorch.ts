import { join, resolve } from "node:path";
import { pythonPackageQuestion } from "@csl/internal/processes/python-package";
import { runProgramSync } from "@csl/internal/processes/run-program";
import { checkLibtorch, type Libtorch, type LibtorchPlace } from "./check-libtorch.js";

export interface LibtorchSearch {
  found?: Libtorch;
  /** Why no place was searched: the system has no torch engine. */
  unsupported?: string;
  /** The places that were searched before, and what was missing there, one line each. */
  tried: string[];
}

export interface LibtorchSearchOptions {
  env?: NodeJS.ProcessEnv;
  /** The folder that stands for "/" where the system's own folders are looked up; for tests. */
  systemRoot?: string;
  /** The system as Node names it; for tests. */
  platform?: NodeJS.Platform;
}

/** A place that may have libtorch, or why it has none. */
type Place = () => LibtorchPlace | string;

const multiarch: Partial<Record<NodeJS.Architecture, string>> = {
  x64: "x86_64-linux-gnu",
  arm64: "aarch64-linux-gnu",
};

/**
 * Looks for libtorch: LIBTORCH (a folder with include/ and lib/), the torch package of CSL_PYTHON, of python3 and of
 * /usr/bin/python3, Debian's libtorch-dev, usual prefixes. Nothing is loaded: a broken libtorch is noticed when it is
 * started, not here.
 *
 * When LIBTORCH is set, no other place is searched: a folder without libtorch is then an error. On Windows nothing is looked
 * for: the binding does not compile there.
 */
export function findLibtorch({
  env = process.env,
  systemRoot = "/",
  platform = process.platform,
}: LibtorchSearchOptions = {}): LibtorchSearch {
  if (platform === "win32") return { unsupported: "not offered on Windows", tried: [] };
  const places: Place[] = env.LIBTORCH
    ? [() => ({ root: resolve(env.LIBTORCH!), source: "LIBTORCH" })]
    : [...pythons(env, systemRoot), debian(systemRoot), ...prefixes(systemRoot)];
  const tried: string[] = env.LIBTORCH ? [] : ["LIBTORCH is not set"];
  for (const place of places) {
    const candidate = place();
    const checked = typeof candidate === "string" ? candidate : checkLibtorch(candidate);
    if (typeof checked !== "string") return { found: checked, tried };
    tried.push(checked);
  }
  return { tried };
}

function pythons(env: NodeJS.ProcessEnv, systemRoot: string): Place[] {
  const names = [env.CSL_PYTHON, "python3", join(systemRoot, "usr/bin/python3")];
  return [...new Set(names)].flatMap((name) => (name ? [() => askPython(name, env)] : []));
}

/** Asks a Python where its torch package is, without importing it: the import alone can take seconds. */
function askPython(python: string, env: NodeJS.ProcessEnv): LibtorchPlace | string {
  const { code, stdout } = runProgramSync(python, pythonPackageQuestion("torch"), { env });
  if (code !== 0) return `${python} does not run`;
  const root = stdout.trim();
  return root === "" ? `${python} has no torch` : { root, source: `the torch package of ${python}` };
}

/** Debian and Ubuntu spread libtorch-dev over the system's folders. */
function debian(systemRoot: string): Place {
  return () => ({
    include: [join(systemRoot, "usr/include"), join(systemRoot, "usr/include/torch/csrc/api/include")],
    lib: join(systemRoot, "usr/lib", multiarch[process.arch] ?? ""),
    source: "Debian's libtorch-dev",
  });
}

function prefixes(systemRoot: string): Place[] {
  return ["usr/local", "opt/libtorch", "usr/local/libtorch", "opt/homebrew"].map((folder) => () => ({
    root: join(systemRoot, folder),
    source: join(systemRoot, folder),
  }));
}
