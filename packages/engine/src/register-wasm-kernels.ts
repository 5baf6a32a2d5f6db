import * as tf from "@tensorflow/tfjs-core";
import { forwardToCpu } from "./forward-to-cpu.js";

/**
 * Registers the kernels that TensorFlow.js's wasm backend lacks, so that networks can be trained on it.
 * Idempotent; {@link startEngine} calls it for wasm.
 */
export function registerWasmKernels(): void {
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    if (!tf.getKernel(kernelName, "wasm")) tf.registerKernel(forwardToCpu(kernelName, "wasm"));
  }
}
