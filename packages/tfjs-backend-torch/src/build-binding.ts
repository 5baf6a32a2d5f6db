import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Libtorch } from "./find-libtorch.js";

const require = createRequire(import.meta.url);

export interface BuildOptions {
  /** Where compiled bindings are kept. Default: CSL_CACHE, or ~/.cache/csl. */
  cache?: string;
  log?: (line: string) => void;
}

/**
 * The binding for this libtorch: compiled once, then taken from a cache that is keyed by libtorch's version and folder
 * and by the binding's own sources.
 *
 * @returns the path of the .node file
 * @throws when there is no C++ compiler or it fails: its first error, and how to get one
 */
export async function buildBinding(
  libtorch: Libtorch,
  { cache = defaultCache(), log }: BuildOptions = {},
): Promise<string> {
  const target = await bindingPath(libtorch, cache);
  if (existsSync(target)) return target;
  log?.(
    `compiling the torch binding against libtorch ${libtorch.version} (${libtorch.source}), once: about 20 seconds`,
  );
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(join(dirname(target), "build-"));
  try {
    const sources = await bindingSources();
    const objects = await Promise.all(
      sources.map(async (source, i) => {
        const object = join(folder, `${i}.o`);
        await compile([...compileFlags(libtorch), "-c", source, "-o", object]);
        return object;
      }),
    );
    const built = join(folder, "csl_torch.node");
    await compile([...objects, ...linkFlags(libtorch), "-o", built]);
    await rename(built, target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where the binding for this libtorch lies, compiled or not. */
export async function bindingPath(libtorch: Libtorch, cache: string = defaultCache()): Promise<string> {
  const hash = createHash("sha256").update(`${libtorch.version}\n${libtorch.lib}\n${process.arch}\n`);
  for (const source of await bindingSources({ headers: true })) hash.update(await readFile(source));
  return join(cache, "torch", `${libtorch.version}-${hash.digest("hex").slice(0, 16)}.node`);
}

function defaultCache(): string {
  return process.env.CSL_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "csl");
}

async function bindingSources({ headers = false } = {}): Promise<string[]> {
  const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "binding");
  const names = (await readdir(folder)).sort();
  return names
    .filter((name) => name.endsWith(".cc") || (headers && name.endsWith(".h")))
    .map((name) => join(folder, name));
}

function compileFlags({ include }: Libtorch): string[] {
  const api = (require("node-api-headers") as { include_dir: string }).include_dir;
  const cxx = dirname(require.resolve("node-addon-api/package.json"));
  return [
    ...["-std=c++20", "-O2", "-fPIC", "-w", "-DNAPI_VERSION=8", "-DNODE_ADDON_API_CPP_EXCEPTIONS"],
    ...[api, cxx, ...include].map((folder) => `-I${folder}`),
  ];
}

function linkFlags({ lib, cuda }: Libtorch): string[] {
  const mac = process.platform === "darwin";
  return [
    ...["-shared", `-L${lib}`, "-ltorch", "-ltorch_cpu", "-lc10", `-Wl,-rpath,${lib}`],
    ...(mac ? ["-undefined", "dynamic_lookup"] : []),
    // Nothing refers to the CUDA libraries by symbol: without this the linker drops them, and CUDA with them.
    ...(cuda && !mac ? ["-Wl,--no-as-needed", "-ltorch_cuda", "-lc10_cuda"] : []),
  ];
}

function compile(args: string[]): Promise<void> {
  const compiler = process.env.CXX ?? "g++";
  return new Promise((resolve, reject) => {
    const child = spawn(compiler, args, { stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    child.on("error", () =>
      reject(
        new Error(
          `torch: no C++ compiler "${compiler}". Install one (apt-get install g++), or name it in CXX.`,
        ),
      ),
    );
    child.on("close", (code) => {
      if (code === 0) return resolve();
      const first = errors.split("\n").find((line) => line.includes("error")) ?? errors.split("\n")[0];
      reject(new Error(`torch: ${compiler} could not compile the binding: ${first}`));
    });
  });
}
