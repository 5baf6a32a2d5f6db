import { existsSync, readFileSync, statSync } from "node:fs";
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
  /** Changes when the library is replaced in place, even by the same version. */
  fingerprint: string;
}

/** Where a libtorch may lie: a folder with include/ and lib/, or the two named apart. */
export type LibtorchPlace = { source: string } & ({ root: string } | { include: string[]; lib: string });

const suffix = process.platform === "darwin" ? "dylib" : "so";

/** The libtorch at a place, or what is missing there in one line. */
export function checkLibtorch(place: LibtorchPlace): Libtorch | string {
  const { source } = place;
  const include =
    "root" in place
      ? [join(place.root, "include"), join(place.root, "include/torch/csrc/api/include")]
      : place.include;
  const lib = "root" in place ? join(place.root, "lib") : place.lib;
  const version = versionIn(include);
  if (version === undefined) return `${source}: no torch/version.h in ${include.join(" or ")}`;
  const library = join(lib, `libtorch_cpu.${suffix}`);
  if (!existsSync(library)) return `${source}: no libtorch_cpu.${suffix} in ${lib}`;
  const { size, mtimeMs } = statSync(library);
  return {
    version,
    include,
    lib,
    cuda: existsSync(join(lib, `libtorch_cuda.${suffix}`)),
    source,
    fingerprint: `${size} ${mtimeMs}`,
  };
}

/** TORCH_VERSION_MAJOR and so on; torch/version.h has only passed them on since 2.9. */
function versionIn(include: readonly string[]): string | undefined {
  if (!include.some((folder) => existsSync(join(folder, "torch/version.h")))) return undefined;
  const headers = include
    .flatMap((folder) => [join(folder, "torch/headeronly/version.h"), join(folder, "torch/version.h")])
    .filter(existsSync)
    .map((path) => readFileSync(path, "utf8"));
  const numbers = ["MAJOR", "MINOR", "PATCH"].map((part) =>
    headers.map((text) => new RegExp(`TORCH_VERSION_${part} (\\d+)`).exec(text)?.[1]).find(Boolean),
  );
  return numbers.map((number) => number ?? "?").join(".");
}
