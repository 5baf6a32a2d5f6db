import { mkdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { cacheFolder } from "@csl/internal/files/cache-folder";
import { removeTemporaryFiles, temporaryName } from "@csl/internal/files/temporary-files";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { installCommand } from "@csl/internal/processes/install-command";
import { runProgram } from "@csl/internal/processes/run-program";
import { findOptionalPackage } from "../engines/find-optional-package.js";
import { compileBinding } from "./compile-binding.js";
import { findTensorflow } from "./find-tensorflow.js";

export interface BuildTensorflowOptions {
  /** For @tensorflow/tfjs-node-gpu and a wheel with CUDA. Default: for @tensorflow/tfjs-node. */
  gpu?: boolean | undefined;
  /** The Python to ask for TensorFlow. Default: python3, then python, on PATH. */
  python?: string | undefined;
  /** The `tensorflow` folder of a wheel, instead of asking a Python. */
  tensorflow?: string | undefined;
  /** Called with one line for each step. */
  log?: ((line: string) => void) | undefined;
  /** Where built bindings are kept. Default: `tfjs-node` in CSL_CACHE, or in csl of XDG_CACHE_HOME or of ~/.cache. */
  cache?: string | undefined;
  /** C++ compiler. Default: $CXX, else g++. */
  compiler?: string | undefined;
  /** Ends the compiling with its reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Builds the native binding of the optional peer @tensorflow/tfjs-node against the TensorFlow of an installed
 * `tensorflow-cpu` (or `tensorflow`) Python wheel, because the binary that tfjs-node downloads is TensorFlow 2.9 of 2022
 * and often unreachable. With `gpu` it is that of @tensorflow/tfjs-node-gpu, against a wheel that was built with CUDA.
 * Nothing is downloaded. The binding is kept in the cache and put where the package looks for it,
 * lib/napi-v8/tfjs_binding.node, as a new file (never through a hard link into a package manager's store). Linux.
 *
 * @returns the binding's place in the package, and TensorFlow's version.
 * @throws CslError naming what is missing and the command that installs it: `unsupported` (system, compiler), `not-found`
 * (package, Python, wheel), `failed` (the compiler failed, or what it made does not load).
 */
export async function buildTensorflow(options: BuildTensorflowOptions = {}): Promise<{
  path: string;
  version: string;
}> {
  checkOptions("buildTensorflow", options, {
    ...{ gpu: true, python: true, tensorflow: true, log: true, cache: true, compiler: true, signal: true },
  });
  const { gpu = false, python, tensorflow, log, compiler, signal } = options;
  const name = gpu ? "tfjs-node-gpu" : "tfjs-node";
  if (process.platform !== "linux") {
    throw new CslError(
      "unsupported",
      `buildTensorflow: expected Linux, got ${process.platform}. There, ${name} brings its own binary.`,
    );
  }
  const tfjsNode = findOptionalPackage(`@tensorflow/${name}`);
  if (!tfjsNode) {
    throw new CslError(
      "not-found",
      `buildTensorflow: expected the package @tensorflow/${name}, found none. To get it: ` +
        `${installCommand(`@tensorflow/${name}@4.22.0`, import.meta.url, { ignoreScripts: true })}.`,
    );
  }
  const folder = await findTensorflow({ python, tensorflow, gpu });
  log?.(`TensorFlow: ${folder}`);

  const source = tfjsNode.folder;
  const cache = options.cache ? resolve(options.cache) : join(cacheFolder("buildTensorflow"), "tfjs-node");
  await mkdir(cache, { recursive: true });
  await removeTemporaryFiles(cache); // those of killed runs
  const fresh = temporaryName(join(cache, "tfjs_binding.node"));
  try {
    log?.(`compiling the binding of ${name} ${tfjsNode.version}`);
    await compileBinding({ source, tensorflow: folder, out: fresh, compiler, signal });
    const version = await versionOf(fresh);
    const binding = await readFile(fresh);
    const kept = join(cache, `${version}-tfjs${tfjsNode.version}${gpu ? "-gpu" : ""}-napi8.node`);
    const path = join(source, "lib", "napi-v8", "tfjs_binding.node");
    for (const place of [kept, path]) await writeFileAtomically(place, binding, "buildTensorflow");
    log?.(`TensorFlow ${version}: ${path}`);
    return { path, version };
  } finally {
    await rm(fresh, { force: true });
  }
}

/** Loads the binding in a process of its own: what is broken breaks there. */
async function versionOf(binding: string): Promise<string> {
  const script =
    "const m = { exports: {} }; process.dlopen(m, process.argv[1]); process.stdout.write(m.exports.TF_Version)";
  const { code, stdout, stderr } = await runProgram(process.execPath, ["-e", script, binding]);
  if (code === 0 && /^\d+\.\d+/.test(stdout)) return stdout;
  const why = stderr.split("\n").find((line) => line.includes("Error")) ?? `exit code ${code}`;
  throw new CslError("failed", `buildTensorflow: the binding compiled but does not load: ${why.trim()}.`);
}
