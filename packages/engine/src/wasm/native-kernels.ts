import { abn, abnGrad, abnInference } from "./kernels/abn.js";
import { adam } from "./kernels/adam.js";
import { batchMatMul } from "./kernels/batch-mat-mul.js";
import { conv2d } from "./kernels/conv-2d.js";
import { conv2dBackpropFilter } from "./kernels/conv-2d-backprop-filter.js";
import { conv2dBackpropInput } from "./kernels/conv-2d-backprop-input.js";
import { depthwiseBackpropFilter, depthwiseBackpropInput } from "./kernels/depthwise-conv-2d-gradients.js";
import { addRelu, addReluGrad, runningUpdate } from "./kernels/elementwise.js";
import { fusedConv2d } from "./kernels/fused-conv-2d.js";
import { blurPool, blurPoolGrad, ceilAvgPool, ceilAvgPoolGrad } from "./kernels/pools.js";
import { squeezeExcite, squeezeExciteGrad } from "./kernels/squeeze-excite.js";
import type { AnyNativeKernel } from "./native-kernel.js";

/** Every kernel of ours: TensorFlow.js's own by name first, then the named kernels of @csl/tresnet and @csl/trainer. */
export const nativeKernels = [
  batchMatMul,
  conv2d,
  fusedConv2d,
  conv2dBackpropInput,
  conv2dBackpropFilter,
  depthwiseBackpropInput,
  depthwiseBackpropFilter,
  abn,
  abnGrad,
  abnInference,
  addRelu,
  addReluGrad,
  runningUpdate,
  blurPool,
  blurPoolGrad,
  ceilAvgPool,
  ceilAvgPoolGrad,
  squeezeExcite,
  squeezeExciteGrad,
  adam,
] as unknown as readonly AnyNativeKernel[];
