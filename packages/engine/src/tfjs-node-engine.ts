import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { cpuModel } from "./cpu-model.js";
import type { EngineDriver } from "./engine-driver.js";
import { findOptionalPackage } from "./find-optional-package.js";
import { restoreNodeUtil } from "./restore-node-util.js";

/** TensorFlow.js on libtensorflow: the optional peers @tensorflow/tfjs-node and @tensorflow/tfjs-node-gpu. */
export function tfjsNodeEngine(name: "tfjs-node" | "tfjs-node-gpu"): EngineDriver {
  const packageName = `@tensorflow/${name}`;
  const hint =
    name === "tfjs-node"
      ? "pnpm add @tensorflow/tfjs-node, then `csl engines build-tensorflow` (builds its binding against the TensorFlow of pip install tensorflow-cpu)"
      : "pnpm add @tensorflow/tfjs-node-gpu with CUDA 11.2 and cuDNN 8.1 (what its TensorFlow 2.9.1 needs)";

  return {
    name,
    largeOnly: name === "tfjs-node",
    async probe() {
      const found = findOptionalPackage(packageName);
      if (!found) return { available: false, detail: `${packageName} is not installed`, hint };
      if (!hasBinding(found.folder)) {
        const missing = `${packageName} ${found.version} is installed without its native binding`;
        return { available: false, detail: missing, hint: hint.replace(/^pnpm add \S+, then /, "") };
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
      if (!found) throw new Error(`${packageName} is not installed`);
      restoreNodeUtil();
      process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
      process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
      requireQuietly(found.require, packageName);
      if (!(await tf.setBackend("tensorflow"))) throw new Error("its backend did not start");
      const backend = tf.backend() as unknown as {
        isGPUPackage?: boolean;
        isUsingGpuDevice?: boolean;
        binding?: { TF_Version?: string };
      };
      if (name === "tfjs-node-gpu" && !backend.isUsingGpuDevice)
        throw new Error("TensorFlow found no usable GPU");
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
