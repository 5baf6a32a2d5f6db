import * as tf from "@tensorflow/tfjs-core";
import { forwardToCpu } from "./forward-to-cpu.js";
import { memoryKernels } from "./kernels/memory.js";

const families: tf.KernelConfig[][] = [memoryKernels];

/**
 * Registers every kernel of the torch backend; calling it again does nothing. Kernels that only the cpu backend has are
 * forwarded to it, if it is there.
 */
export function registerTorchKernels(): void {
  for (const kernel of families.flat()) {
    if (!tf.getKernel(kernel.kernelName, "torch")) tf.registerKernel(kernel);
  }
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    if (!tf.getKernel(kernelName, "torch")) tf.registerKernel(forwardToCpu(kernelName));
  }
}
