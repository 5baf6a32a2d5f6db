import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { runProgram, runProgramSync } from "@csl/internal/processes/run-program";
import type { Libtorch } from "./check-libtorch.js";
import { cudaHeaders } from "./cuda-headers.js";

const require = createRequire(import.meta.url);

/** How to get a compiler, one line. */
export const compilerHint =
  "apt-get install g++ (Debian, Ubuntu), or xcode-select --install (macOS), or name one in CXX";

/** The C++ compiler: CXX, or the first of the usual names that runs. @throws when there is none */
export function findCompiler({ env = process.env }: { env?: NodeJS.ProcessEnv } = {}): string {
  const names = env.CXX ? [env.CXX] : ["g++", "clang++", "c++"];
  const found = names.find((name) => runProgramSync(name, ["--version"], { env }).code === 0);
  if (!found)
    throw new CslError(
      "unsupported",
      `torch: no C++ compiler (${names.join(", ")}). To get one: ${compilerHint}.`,
    );
  return found;
}

/**
 * Runs the compiler; `signal` ends it.
 *
 * @param options.step what it is to do, for the error
 * @throws CslError `failed` with its first error, and what to install when it is too old; `unsupported` when it does not run
 */
export async function compile(
  compiler: string,
  args: readonly string[],
  { step = "compile the binding", signal: stop }: { step?: string; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { code, signal, reason, stderr } = await runProgram(compiler, args, { signal: stop });
  stop?.throwIfAborted();
  if (code === 0) return;
  if (reason !== undefined) {
    throw new CslError(
      "unsupported",
      `torch: ${compiler} does not run: ${reason}. To get a compiler: ${compilerHint}.`,
    );
  }
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const first = lines.find((line) => line.includes("error")) ?? lines[0] ?? `it ended by ${signal ?? code}`;
  const old = (await knowsStandard(compiler)) ? "" : " C++20 is needed: g++ 11 or clang 13, or newer.";
  throw new CslError("failed", `torch: ${compiler} could not ${step}: ${first}.${old}`);
}

const standard = "-std=c++20";

async function knowsStandard(compiler: string): Promise<boolean> {
  return (await runProgram(compiler, [standard, "-fsyntax-only", "-x", "c++", "/dev/null"])).code === 0;
}

/** Node's headers, as packages: their folders, for -I, and what they are, whatever their place. */
function nodeHeaders(): { folders: string[]; versions: string[] } {
  const names = ["node-api-headers", "node-addon-api"];
  const manifests = names.map((name) => require.resolve(`${name}/package.json`));
  const [api, addonApi] = manifests.map((path) => dirname(path)) as [string, string];
  const versions = manifests.map(
    (path, i) => `${names[i]} ${(require(path) as { version: string }).version}`,
  );
  return { folders: [join(api, "include"), addonApi], versions };
}

/** Flags for every source file. */
export function compileFlags(libtorch: Libtorch): string[] {
  return [...nodeHeaders().folders.map((folder) => `-I${folder}`), ...ownFlags(libtorch)];
}

/** What the binding is compiled with. The same in every project of a machine, so that they share one binding. */
export function compileKey(libtorch: Libtorch): string[] {
  return [...nodeHeaders().versions, ...ownFlags(libtorch), ...linkFlags(libtorch)];
}

function ownFlags({ include, lib, cuda }: Libtorch): string[] {
  const headers = cuda ? (cudaHeaders({ lib }).folders ?? []) : [];
  return [
    ...[standard, "-O3", "-fPIC", "-w", "-DNAPI_VERSION=8", "-DNODE_ADDON_API_CPP_EXCEPTIONS"],
    // For the loops of fused-*.cc: multiply-add in one instruction, and no errno of the C library.
    ...["-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"],
    ...(hasOldStringAbi(lib) ? ["-D_GLIBCXX_USE_CXX11_ABI=0"] : []),
    // CUDA's headers are there, for graphs and memory statistics; everything else needs none.
    ...(headers.length > 0 ? ["-DCSL_CUDA"] : []),
    ...[...include, ...headers].map((folder) => `-I${folder}`),
  ];
}

export function linkFlags({ lib, cuda }: Libtorch): string[] {
  const mac = process.platform === "darwin";
  return [
    ...["-shared", `-L${lib}`, "-ltorch", "-ltorch_cpu", "-lc10", `-Wl,-rpath,${lib}`],
    ...(mac ? ["-undefined", "dynamic_lookup"] : []),
    // Nothing refers to the CUDA libraries by symbol: without this the linker drops them, and CUDA with them.
    ...(cuda && !mac ? ["-Wl,--no-as-needed", "-ltorch_cuda", "-lc10_cuda"] : []),
  ];
}

/** torch packages before 2.6 were built with the string type that g++ had before version 5. */
function hasOldStringAbi(lib: string): boolean {
  const library = join(lib, "libc10.so");
  return existsSync(library) && !readFileSync(library).includes("__cxx11");
}
