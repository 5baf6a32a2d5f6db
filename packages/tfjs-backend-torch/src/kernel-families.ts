import type * as tf from "@tensorflow/tfjs-core";
import { fusedKernels } from "./fused/fused-kernels.js";
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
  // First: of two kernels of one name the first counts.
  fused: fusedKernels,
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
