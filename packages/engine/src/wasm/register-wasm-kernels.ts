import { forwardToCpu } from "@csl/internal/kernels/forward-to-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { quietCpuBackend } from "../engines/quiet-cpu-backend.js";
import { runnerOf } from "./kernel-runner.js";
import { abn, abnGrad, abnInference } from "./kernels/abn.js";
import { adam } from "./kernels/adam.js";
import { batchMatMul } from "./kernels/batch-mat-mul.js";
import { conv2d, conv2dBackpropFilter, conv2dBackpropInput, fusedConv2d } from "./kernels/convolution.js";
import { depthwiseBackpropFilter, depthwiseBackpropInput } from "./kernels/depthwise-conv-2d-gradients.js";
import { addRelu, addReluGrad, runningUpdate } from "./kernels/elementwise.js";
import { blurPool, blurPoolGrad, ceilAvgPool, ceilAvgPoolGrad } from "./kernels/pools.js";
import { squeezeExcite, squeezeExciteGrad } from "./kernels/squeeze-excite.js";
import { type AnyNativeKernel, registerNativeKernel } from "./native-kernel.js";

/** Every kernel: TensorFlow.js's own by name first, then the named kernels of @csl/tresnet and @csl/trainer. */
const nativeKernels = [
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
