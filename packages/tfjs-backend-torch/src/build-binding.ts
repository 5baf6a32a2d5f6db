import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { cacheFolder } from "@csl/internal/files/cache-folder";
import { lockFile } from "@csl/internal/files/file-lock";
import { type BindingPart, bindingFolder, bindingParts, type Part } from "./binding-parts.js";
import type { Libtorch } from "./check-libtorch.js";
import { compile, compileFlags, compileKey, findCompiler, linkFlags } from "./compiler.js";
import { cudaHeaders } from "./cuda-headers.js";
import { removeDeadBuilds } from "./remove-dead-builds.js";
import { verifyBinding } from "./verify-binding.js";

export interface BuildOptions {
  /** By its name, or another one as `bindingParts` has them. Default: the engine. */
  part?: BindingPart | Part;
  /** Where compiled bindings are kept. Default: CSL_CACHE, or ~/.cache/csl. */
  cache?: string;
  /** Called when something is compiled, or another process is waited for. */
  log?: (line: string) => void;
  /** Ends the waiting or the compiling with its reason. */
  signal?: AbortSignal | undefined;
  /** Compiles although the cache has it. */
  force?: boolean;
  /** Tries a compiled binding before it enters the cache; rejects with the reason. Default: loads it in a process of its own. */
  verify?: (path: string) => Promise<void>;
}

/**
 * The binding for this libtorch: compiled once, then taken from a cache whose key is libtorch's version, folder and file,
 * the compiler's flags and the binding's own sources. What lies in the cache was loaded once in a process of its own, and
 * appears there by renaming. Of several processes that ask at once one compiles. What killed runs left in the cache is
 * removed.
 *
 * @returns the path of the .node file
 * @throws when there is no C++ compiler, when it fails (with its first error), or when the result does not load
 */
export async function buildBinding(
  libtorch: Libtorch,
  {
    part: named = "engine",
    cache = cacheFolder("torch"),
    log,
    signal,
    force = false,
    verify = (path) => verifyBinding(path, { computes: named === "engine" }),
  }: BuildOptions = {},
): Promise<string> {
  const part = partOf(named);
  const target = await bindingPath(libtorch, { cache, part });
  if (force) await rm(target, { force: true });
  if (existsSync(target)) return target;
  const compiler = findCompiler();
  const lock = await lockFile(`${target}.lock`, {
    speaker: "torch",
    onWait: (holder) => log?.(`waiting for ${holder}, which compiles the same binding`),
    signal,
  });
  try {
    if (existsSync(target)) return target;
    log?.(
      `compiling the torch ${part.what} against libtorch ${libtorch.version} (${libtorch.source}), once: ${part.time}`,
    );
    const missing = named === "engine" && libtorch.cuda ? cudaHeaders(libtorch).missing : undefined;
    if (missing) log?.(`without CUDA graphs and memory statistics: ${missing}`);
    await removeDeadBuilds(dirname(target), { except: target });
    await compileInto(target, { part, compiler, libtorch, verify, signal });
    return target;
  } finally {
    await lock.release();
  }
}

const partOf = (part: BindingPart | Part): Part => (typeof part === "string" ? bindingParts[part] : part);

interface Compilation {
  part: Part;
  compiler: string;
  libtorch: Libtorch;
  verify: (path: string) => Promise<void>;
  signal: AbortSignal | undefined;
}

async function compileInto(target: string, compilation: Compilation): Promise<void> {
  const { compiler, libtorch, verify, signal } = compilation;
  await mkdir(dirname(target), { recursive: true });
  // A folder of its own: compilers that a killed run started may still write into the one that it had.
  const folder = await mkdtemp(`${target}.build-`);
  try {
    const built = join(folder, "csl_torch.node");
    const objects = await compileSources(compilation, folder);
    await compile(compiler, [...objects, ...linkFlags(libtorch), "-o", built], {
      step: `link the binding to libtorch in ${libtorch.lib} (is it whole?)`,
      signal,
    });
    await verify(built).catch((cause: Error) => {
      throw new CslError(
        "failed",
        `torch: libtorch ${libtorch.version} (${libtorch.source}) does not load: ${cause.message}. Reinstall it, or name another in LIBTORCH.`,
      );
    });
    await rename(built, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where the binding for this libtorch lies, compiled or not. */
export async function bindingPath(
  libtorch: Libtorch,
  {
    cache = cacheFolder("torch"),
    part: named = "engine",
  }: { cache?: string; part?: BindingPart | Part } = {},
): Promise<string> {
  const part = partOf(named);
  const { version, lib, fingerprint } = libtorch;
  const hash = createHash("sha256");
  hash.update([version, lib, fingerprint, process.arch, ...compileKey(libtorch)].join("\n"));
  for (const source of await bindingSources(part, { headers: true })) hash.update(await readFile(source));
  return join(cache, "torch", `${part.prefix}${version}-${hash.digest("hex").slice(0, 16)}.node`);
}

async function bindingSources({ folder, nested }: Part, { headers = false } = {}): Promise<string[]> {
  const names = (await readdir(folder, { recursive: nested })).sort();
  return names
    .filter((name) => name.endsWith(".cc") || (headers && name.endsWith(".h")))
    .map((name) => join(folder, name));
}

/**
 * Compiles every source file, as many at once as there are cores; a compiler takes about 1 GB here. libtorch's headers, most
 * of the work, are compiled once beforehand: g++ and clang look for that result beside the header that -include names.
 */
async function compileSources(
  { part, compiler, libtorch, signal }: Compilation,
  folder: string,
): Promise<string[]> {
  const sources = await bindingSources(part);
  const flags = [...compileFlags(libtorch), ...part.flags];
  const header = join(folder, "libtorch.h");
  await writeFile(header, `#include "${join(bindingFolder, "libtorch.h")}"\n`);
  if (part.sharesHeader)
    await compile(compiler, [...flags, "-x", "c++-header", header, "-o", `${header}.gch`], { signal });
  const objects = sources.map((_, i) => join(folder, `${i}.o`));
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < sources.length) {
      const i = next++;
      const before = part.sharesHeader ? ["-include", header] : [];
      await compile(compiler, [...flags, ...before, "-c", sources[i]!, "-o", objects[i]!], { signal });
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, work));
  return objects;
}
