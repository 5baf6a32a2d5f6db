import { Add, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { deferSum, leastDeferred } from "../memory/deferred-sums.js";
import type { WebKernel } from "../web-kernel.js";

/**
 * The sum of two maps: a backward pass makes one wherever a residual branch leaves the main path, and the gradient of the
 * addition before it can read the two terms itself.
 */
export const add: WebKernel<{ a: TensorInfo; b: TensorInfo }, object> = {
  kernelName: Add,
  serves: ({ a, b }) =>
    a.shape.length === 4 &&
    [a, b].every(({ dtype }) => dtype === "float32") &&
    util.arraysEqual(a.shape, b.shape) &&
    util.sizeFromShape(a.shape) >= leastDeferred,
  compute({ inputs: { a, b }, gpu }) {
    const sum = gpu.make(a.shape);
    deferSum(gpu.backend, sum, [a, b]);
    return sum;
  },
};
