import * as tf from "@tensorflow/tfjs-core";
import { cpuModel } from "./cpu-model.js";
import type { EngineDriver } from "./engine-driver.js";
import { registerWasmKernels } from "./register-wasm-kernels.js";

/** The embedded default: XNNPACK compiled to WebAssembly, plus the training kernels it lacks. */
export const wasmEngine: EngineDriver = {
  name: "wasm",
  async probe() {
    return { available: true, detail: "WebAssembly with SIMD, embedded" };
  },
  async start() {
    const wasm = await import("@tensorflow/tfjs-backend-wasm");
    const { createRequire } = await import("node:module");
    const { dirname, join } = await import("node:path");
    const manifest = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json");
    wasm.setWasmPaths(join(dirname(manifest), "wasm-out/"));
    if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js could not start its wasm backend");
    registerWasmKernels();
    return { device: `${cpuModel()}, 1 thread`, version: wasm.version_wasm };
  },
};
