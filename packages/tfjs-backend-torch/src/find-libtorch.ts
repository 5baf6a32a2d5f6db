import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A libtorch that the binding can be compiled against. */
export interface Libtorch {
  version: string;
  /** Folders for -I. */
  include: string[];
  /** The folder of libtorch.so, for -L and the run path. */
  lib: string;
  cuda: boolean;
  /** How it was found, for people. */
  source: string;
}

export interface LibtorchSearch {
  found?: Libtorch;
  /** Where was looked and what was missing there, one line each. */
  tried: string[];
}

type Place = () => { root?: string; include?: string[]; lib?: string; source: string } | string;

/**
 * Looks for libtorch: LIBTORCH (a folder with include/ and lib/), the Python at hand, Debian's libtorch-dev, usual
 * prefixes. Nothing is loaded: a broken libtorch is noticed when it is started, not here.
 */
export function findLibtorch({ env = process.env }: { env?: NodeJS.ProcessEnv } = {}): LibtorchSearch {
  const tried: string[] = [];
  const pythons = [env.CSL_PYTHON, "python3", "/usr/bin/python3"].filter((python): python is string =>
    Boolean(python),
  );
  const places: Place[] = [
    () => (env.LIBTORCH ? { root: env.LIBTORCH, source: "LIBTORCH" } : "LIBTORCH is not set"),
    ...[...new Set(pythons)].map(
      (python): Place =>
        () =>
          askPython(python),
    ),
    debian,
    ...["/usr/local", "/opt/libtorch", "/usr/local/libtorch"].map(
      (root): Place =>
        () => ({ root, source: root }),
    ),
  ];
  for (const place of places) {
    const candidate = place();
    if (typeof candidate === "string") {
      tried.push(candidate);
      continue;
    }
    const checked = check(candidate);
    if (typeof checked !== "string") return { found: checked, tried };
    tried.push(checked);
  }
  return { tried };
}

/** Asks a Python where its torch package is, without importing it: the import alone can take seconds. */
function askPython(python: string): ReturnType<Place> {
  const script =
    "import importlib.util as u; s=u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')";
  const { status, stdout } = spawnSync(python, ["-c", script], { encoding: "utf8" });
  if (status !== 0) return `${python} does not run`;
  const root = stdout.trim();
  return root === "" ? `${python} has no torch` : { root, source: `the torch package of ${python}` };
}

function debian(): ReturnType<Place> {
  const include = "/usr/include/torch";
  if (!existsSync(include)) return "Debian's libtorch-dev is not installed";
  const { stdout } = spawnSync("gcc", ["-print-multiarch"], { encoding: "utf8" });
  const lib = join("/usr/lib", (stdout ?? "").trim());
  return { include: ["/usr/include", `${include}/csrc/api/include`], lib, source: "Debian's libtorch-dev" };
}

function check({ root = "", include, lib, source }: Exclude<ReturnType<Place>, string>): Libtorch | string {
  const folders = include ?? [join(root, "include"), join(root, "include/torch/csrc/api/include")];
  const libraries = lib ?? join(root, "lib");
  const header = folders.map((folder) => join(folder, "torch/version.h")).find(existsSync);
  if (!header) return `${source}: no torch/version.h in ${folders.join(" or ")}`;
  const suffix = process.platform === "darwin" ? "dylib" : "so";
  if (!existsSync(join(libraries, `libtorch_cpu.${suffix}`)))
    return `${source}: no libtorch_cpu.${suffix} in ${libraries}`;
  return {
    version: versionIn(readFileSync(header, "utf8")),
    include: folders,
    lib: libraries,
    cuda: existsSync(join(libraries, `libtorch_cuda.${suffix}`)),
    source,
  };
}

function versionIn(header: string): string {
  const part = (name: string): string => new RegExp(`TORCH_VERSION_${name} (\\d+)`).exec(header)?.[1] ?? "0";
  return [part("MAJOR"), part("MINOR"), part("PATCH")].join(".");
}
