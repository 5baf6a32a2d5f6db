import * as tf from "@tensorflow/tfjs-core";
import { forwardToCpu } from "./forward-to-cpu.js";
import { binaryKernels } from "./kernels/binary.js";
import { convolutionKernels } from "./kernels/convolution.js";
import { matmulKernels } from "./kernels/matmul.js";
import { memoryKernels } from "./kernels/memory.js";
import { normalizationKernels } from "./kernels/normalization.js";
import { poolingKernels } from "./kernels/pooling.js";
import { reduceKernels } from "./kernels/reduce.js";
import { shapeKernels } from "./kernels/shape.js";
import { unaryKernels } from "./kernels/unary.js";

const families: tf.KernelConfig[][] = [
  memoryKernels,
  unaryKernels,
  binaryKernels,
  reduceKernels,
  shapeKernels,
  matmulKernels,
  convolutionKernels,
  poolingKernels,
  normalizationKernels,
];

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
