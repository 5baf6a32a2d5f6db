import * as tf from "@tensorflow/tfjs-core";
import { forwardToCpu } from "./forward-to-cpu.js";
import { quietCpuBackend } from "./quiet-cpu-backend.js";
import { registerNativeKernel } from "./wasm/native-kernel.js";
import { nativeKernels } from "./wasm/native-kernels.js";
import { runnerOf } from "./wasm/runner-of.js";

const registered = new WeakSet<object>();

/**
 * Registers the kernels that TensorFlow.js's wasm backend lacks, so that networks can be trained on it, and faster
 * ones for those that training spends its time in. On a wasm backend that {@link startEngine} did not start there is
 * no shared heap to work on: there the missing kernels are computed by the cpu backend, which is slow but right.
 * Idempotent; {@link startEngine} calls it for wasm.
 */
export function registerWasmKernels(): void {
  quietCpuBackend();
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    if (!tf.getKernel(kernelName, "wasm")) tf.registerKernel(forwardToCpu(kernelName, "wasm"));
  }
  const running = tf.engine().registry.wasm;
  if (!running || !runnerOf(running)) return;
  for (const kernel of nativeKernels) {
    const current = tf.getKernel(kernel.kernelName, "wasm");
    if (current && registered.has(current)) continue;
    registerNativeKernel(kernel);
    registered.add(tf.getKernel(kernel.kernelName, "wasm")!);
  }
}
