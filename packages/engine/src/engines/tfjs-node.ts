import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { installCommand } from "@csl/internal/processes/install-command";
import * as tf from "@tensorflow/tfjs-core";
import type { EngineDriver } from "../engine-driver.js";
import { cpuModel } from "./cpu.js";
import { findOptionalPackage } from "./find-optional-package.js";

const gpuHint = `${installCommand("@tensorflow/tfjs-node-gpu", import.meta.url)} with CUDA 11.2 and cuDNN 8.1 (what its TensorFlow 2.9.1 needs)`;
/** Its own binary is not needed. */
const install = installCommand("@tensorflow/tfjs-node", import.meta.url, { ignoreScripts: true });

/** TensorFlow.js on libtensorflow: the optional peers @tensorflow/tfjs-node and @tensorflow/tfjs-node-gpu. */
export function tfjsNodeEngine(name: "tfjs-node" | "tfjs-node-gpu"): EngineDriver {
  const packageName = `@tensorflow/${name}`;
  const build =
    "`csl engines build-tensorflow` (builds its binding against the TensorFlow of pip install tensorflow-cpu)";
  const [hint, bindingHint] =
    name === "tfjs-node" ? [`${install}, then ${build}`, build] : [gpuHint, gpuHint];

  return {
    name,
    largeOnly: name === "tfjs-node",
    async probe() {
      const found = findOptionalPackage(packageName);
      if (!found) return { available: false, detail: `${packageName} is not installed`, hint };
      if (!hasBinding(found.folder)) {
        const missing = `${packageName} ${found.version} is installed without its native binding`;
        return { available: false, detail: missing, hint: bindingHint };
      }
      if (name === "tfjs-node-gpu" && !existsSync("/dev/nvidiactl")) {
        return {
          available: false,
          detail: `${packageName} is installed, but there is no NVIDIA driver`,
          hint,
        };
      }
      return { available: true, detail: `${packageName} ${found.version}` };
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
      if (name === "tfjs-node-gpu" && !backend.isUsingGpuDevice)
        throw new CslError("unsupported", "TensorFlow found no usable GPU");
      const version = backend.binding?.TF_Version ?? found.version;
      const device = backend.isUsingGpuDevice ? "GPU (TensorFlow)" : `${cpuModel()} (TensorFlow)`;
      return { device, version: `tfjs-node ${found.version}, TensorFlow ${version}` };
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
