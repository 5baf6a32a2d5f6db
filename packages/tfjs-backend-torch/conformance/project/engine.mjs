// Stands for @csl/engine in the project's tests on torch: every engine is torch.

import * as tf from "@tensorflow/tfjs";

export async function startEngine() {
  await tf.setBackend("torch");
  return { name: "torch", backend: "torch", stop() {} };
}

export function registerWasmKernels() {}
