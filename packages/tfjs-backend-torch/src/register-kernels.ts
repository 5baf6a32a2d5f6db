import { forwardToCpu } from "@csl/internal/kernels/forward-to-cpu";
import { CslPartialLoss } from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { adamKernels } from "./fused/adam.js";
import { convolutionKernels as fusedConvolutions } from "./fused/convolution.js";
import { partialLossKernels } from "./fused/partial-loss.js";
import { tresnetKernels } from "./fused/tresnet.js";
import { arrangeKernels } from "./kernels/arrange.js";
import { binaryKernels } from "./kernels/binary.js";
import { complexKernels } from "./kernels/complex.js";
import { convolutionKernels } from "./kernels/convolution.js";
import { cropKernels } from "./kernels/crop-and-resize.js";
import { gatherKernels } from "./kernels/gather.js";
import { matmulKernels } from "./kernels/matmul.js";
import { memoryKernels } from "./kernels/memory.js";
import { normalizationKernels } from "./kernels/normalization.js";
import { poolingKernels } from "./kernels/pooling.js";
import { reduceKernels } from "./kernels/reduce.js";
import { resizeKernels } from "./kernels/resize.js";
import { shapeKernels } from "./kernels/shape.js";
import { topKKernels } from "./kernels/top-k.js";
import { unaryKernels } from "./kernels/unary.js";

/** Every kernel that libtorch computes, by family. A new family of kernels is one more line here. */
export const kernelFamilies: Readonly<Record<string, readonly tf.KernelConfig[]>> = {
  // Over binding/fused*.cc. First: of two kernels of one name the first counts.
  fused: [...tresnetKernels, ...fusedConvolutions, ...adamKernels, ...partialLossKernels],
  memory: memoryKernels,
  unary: unaryKernels,
  binary: binaryKernels,
  reduce: reduceKernels,
  shape: shapeKernels,
  arrange: arrangeKernels,
  gather: gatherKernels,
  topK: topKKernels,
  matmul: matmulKernels,
  convolution: convolutionKernels,
  pooling: poolingKernels,
  normalization: normalizationKernels,
  resize: resizeKernels,
  cropAndResize: cropKernels,
  complex: complexKernels,
};

/** They compute on the host. On a GPU, where each would move its tensors there and back, their callers compose them. */
const hostKernels: ReadonlySet<string> = new Set([CslPartialLoss]);

/**
 * Registers every kernel of the torch backend; calling it again does nothing. Kernels that only the cpu backend has are
 * forwarded to it, if it is there.
 */
export function registerTorchKernels({ cuda = false }: { cuda?: boolean } = {}): void {
  for (const kernel of Object.values(kernelFamilies).flat()) {
    if (cuda && hostKernels.has(kernel.kernelName)) continue;
    if (!tf.getKernel(kernel.kernelName, "torch")) tf.registerKernel(kernel);
  }
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    if (cuda && hostKernels.has(kernelName)) continue;
    if (!tf.getKernel(kernelName, "torch")) tf.registerKernel(forwardToCpu(kernelName, "torch"));
  }
}

/** The names of the kernels that the cpu backend computes for this one, of those that it has. */
export function forwardedKernels(): string[] {
  const own = new Set(Object.values(kernelFamilies).flatMap((family) => family.map((k) => k.kernelName)));
  return tf
    .getKernelsForBackend("cpu")
    .map(({ kernelName }) => kernelName)
    .filter((name) => !own.has(name))
    .sort();
}
