import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { runProgram } from "@csl/internal/processes/run-program";

/**
 * Compiles the binding of a @tensorflow/tfjs-node package against a TensorFlow wheel. N-API 8: one binary for every
 * Node from 20 on. The wheel's folder becomes the run path, so it has to stay where it is.
 *
 * @throws with the compiler's first error, or the command that installs a compiler.
 */
export async function compileBinding({
  source,
  tensorflow,
  out,
  compiler = process.env.CXX || "g++",
  signal,
}: {
  /** Folder of the @tensorflow/tfjs-node package; its `binding` folder holds the sources. */
  source: string;
  tensorflow: string;
  /** The file to write. */
  out: string;
  compiler?: string | undefined;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  const nodeHeaders = join(
    dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json")),
    "include",
  );
  const includes = [source, join(source, "binding"), join(tensorflow, "include"), nodeHeaders];
  const { code, stderr } = await runProgram(
    compiler,
    [
      ...["-std=c++17", "-O2", "-fPIC", "-shared", "-w", "-DNAPI_VERSION=8"],
      ...includes.flatMap((folder) => ["-I", folder]),
      ...["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => join(source, "binding", name)),
      ...["-o", out, `-L${tensorflow}`, "-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"],
      `-Wl,-rpath,${tensorflow}`,
    ],
    { cwd: source, signal },
  );
  signal?.throwIfAborted();
  if (code === undefined) {
    throw new CslError(
      "unsupported",
      `buildTensorflow: expected a C++ compiler "${compiler}", found none. Debian: apt install g++. ` +
        "Another compiler: set the environment variable CXX.",
    );
  }
  if (code !== 0) {
    const first =
      stderr.split("\n").find((line) => /error|undefined reference/.test(line)) ?? stderr.slice(0, 300);
    throw new CslError(
      "failed",
      `buildTensorflow: ${compiler} failed: ${first.trim()}. Is this TensorFlow older than 2.9, or the compiler ` +
        "older than C++17?",
    );
  }
}
