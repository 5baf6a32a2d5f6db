import { checkOptions } from "@csl/internal/errors/check-options";
import { checkChoice } from "@csl/internal/errors/check-values";
import * as tf from "@tensorflow/tfjs-core";
import { storeHalves } from "./gpu.js";
import { abn } from "./kernels/abn.js";
import { abnGrad } from "./kernels/abn-grad.js";
import { abnInference } from "./kernels/abn-inference.js";
import { adam } from "./kernels/adam.js";
import { addRelu } from "./kernels/add-relu.js";
import { addReluGrad } from "./kernels/add-relu-grad.js";
import { average } from "./kernels/average.js";
import { conv2d } from "./kernels/conv-2d.js";
import { conv2dBackpropFilter } from "./kernels/conv-2d-backprop-filter.js";
import { conv2dBackpropInput } from "./kernels/conv-2d-backprop-input.js";
import { norm } from "./kernels/norm.js";
import { partialLoss } from "./kernels/partial-loss.js";
import { pools } from "./kernels/pools.js";
import { runningUpdate } from "./kernels/running-update.js";
import { squeezeExcite } from "./kernels/squeeze-excite.js";
import { squeezeExciteGrad } from "./kernels/squeeze-excite-grad.js";
import { type AnyWebKernel, registerWebKernel } from "./web-kernel.js";

/** Every kernel: TensorFlow.js's own by name first, then the named kernels of @csl/tresnet, @csl/trainer and @csl/partial-loss. */
const webKernels = [
  conv2d,
  conv2dBackpropInput,
  conv2dBackpropFilter,
  abn,
  abnGrad,
  abnInference,
  addRelu,
  addReluGrad,
  ...pools,
  squeezeExcite,
  squeezeExciteGrad,
  adam,
  average,
  norm,
  partialLoss,
  runningUpdate,
] as unknown as readonly AnyWebKernel[];

const registered = new WeakSet<object>();

/**
 * Registers kernels in WGSL for TensorFlow.js's webgpu backend, in Node and in a browser: faster ones for what training
 * spends its time in, and the named kernels of this project in a few dispatches each. Call it after the backend's package is
 * imported and before the first model is created. {@link startEngine} calls it for webgpu; the last call decides on the precision.
 *
 * @param options.precision how the kernels of TResNet store activations, which the backward pass reads again: "float16" halves that
 *   memory on every adapter. All arithmetic, gradients and weights stay float32. Default "float32".
 */
export function registerWebgpuKernels(options: { precision?: "float32" | "float16" } = {}): void {
  checkOptions("registerWebgpuKernels", options, { precision: true });
  const { precision = "float32" } = options;
  checkChoice("registerWebgpuKernels", "precision", precision, ["float32", "float16"]);
  storeHalves(precision === "float16");
  for (const kernel of webKernels) {
    const current = tf.getKernel(kernel.kernelName, "webgpu");
    if (current && registered.has(current)) continue;
    registerWebKernel(kernel);
    registered.add(tf.getKernel(kernel.kernelName, "webgpu")!);
  }
}
