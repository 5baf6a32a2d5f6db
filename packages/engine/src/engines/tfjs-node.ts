import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { installCommand } from "@csl/internal/processes/install-command";
import * as tf from "@tensorflow/tfjs-core";
import type { EngineDriver, Probe } from "../engine-driver.js";
import { cpuModel } from "./cpu.js";
import { findOptionalPackage } from "./find-optional-package.js";

type Name = "tfjs-node" | "tfjs-node-gpu";

/** What makes each of them available, step by step. Their own binaries, of TensorFlow 2.9, are not needed. */
const build: Record<Name, string> = {
  "tfjs-node":
    "`csl engines build-tensorflow` (builds its binding against the TensorFlow of pip install tensorflow-cpu)",
  "tfjs-node-gpu":
    "`csl engines build-tensorflow --gpu` (builds its binding against the TensorFlow of pip install 'tensorflow[and-cuda]')",
};

/** TensorFlow.js on libtensorflow: the optional peers @tensorflow/tfjs-node and @tensorflow/tfjs-node-gpu. */
export function tfjsNodeEngine(name: Name): EngineDriver {
  const packageName = `@tensorflow/${name}`;
  const install = installCommand(packageName, import.meta.url, { ignoreScripts: true });

  return {
    name,
    largeOnly: name === "tfjs-node",
    async probe() {
      const found = findOptionalPackage(packageName);
      const isMissing = (detail: string, hint: string): Probe => ({ available: false, detail, hint });
      if (!found) return isMissing(`${packageName} is not installed`, `${install}, then ${build[name]}`);
      const here = `${packageName} ${found.version}`;
      if (!hasBinding(found.folder))
        return isMissing(`${here} is installed without its native binding`, build[name]);
      if (name === "tfjs-node-gpu" && !hasNvidiaDriver())
        return isMissing(
          `${here} is installed, but there is no NVIDIA driver`,
          "NVIDIA's driver, and its GPU",
        );
      return { available: true, detail: here };
    },
    async start() {
      const found = findOptionalPackage(packageName);
      if (!found) throw new CslError("unsupported", `${packageName} is not installed`);
      restoreNodeUtil();
      process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
      process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
      requireQuietly(found.require, packageName);
      if (!(await tf.setBackend("tensorflow"))) throw new CslError("failed", "its backend did not start");
      const backend = tf.backend() as unknown as {
        isGPUPackage?: boolean;
        isUsingGpuDevice?: boolean;
        binding?: { TF_Version?: string };
      };
      const version = backend.binding?.TF_Version ?? found.version;
      if (name === "tfjs-node-gpu" && !backend.isUsingGpuDevice) {
        // Else tfjs-node, tried next, would be given this one.
        tf.removeBackend("tensorflow");
        throw new CslError(
          "unsupported",
          `TensorFlow ${version} found no GPU that it can use (TF_CPP_MIN_LOG_LEVEL=0 shows why)`,
        );
      }
      const device = backend.isUsingGpuDevice ? "GPU (TensorFlow)" : `${cpuModel()} (TensorFlow)`;
      return { device, version: `${name} ${found.version}, TensorFlow ${version}` };
    },
  };
}

/** tfjs-node may bring its own copy of TensorFlow.js, which warns for each of the 600 kernels that are there already. */
function requireQuietly(require: NodeJS.Require, name: string): void {
  const production = tf.env().getBool("PROD");
  tf.env().set("PROD", true);
  try {
    require(name);
  } finally {
    tf.env().set("PROD", production);
  }
}

/** Its device files: on Linux, and on Linux under Windows. */
function hasNvidiaDriver(): boolean {
  return ["/dev/nvidiactl", "/dev/dxg"].some((path) => existsSync(path));
}

function hasBinding(folder: string): boolean {
  const lib = join(folder, "lib");
  if (!existsSync(lib)) return false;
  return readdirSync(lib).some((entry) => existsSync(join(lib, entry, "tfjs_binding.node")));
}

/**
 * Gives `node:util` back the two functions that tfjs-node 4.22 calls and Node 23 removed
 * (tensorflow/tfjs#8425, merged but never released). Must run before tfjs-node is loaded. Idempotent.
 */
function restoreNodeUtil(): void {
  const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown): boolean => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
