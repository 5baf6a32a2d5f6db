import { conv2d } from "./kernels/conv-2d.js";
import { conv2dBackpropFilter } from "./kernels/conv-2d-backprop-filter.js";
import { conv2dBackpropInput } from "./kernels/conv-2d-backprop-input.js";
import { depthwiseBackpropFilter, depthwiseBackpropInput } from "./kernels/depthwise-conv-2d-gradients.js";
import type { AnyNativeKernel } from "./native-kernel.js";

/** Every kernel of ours. */
export const nativeKernels = [
  conv2d,
  conv2dBackpropInput,
  conv2dBackpropFilter,
  depthwiseBackpropInput,
  depthwiseBackpropFilter,
] as unknown as readonly AnyNativeKernel[];
