import * as tf from "@tensorflow/tfjs-core";

/** Whether the current backend gives a tensor's values at once, by `dataSync`: WebGPU does so through a canvas, which Node lacks. */
export function readsAtOnce(): boolean {
  return tf.getBackend() !== "webgpu" || "OffscreenCanvas" in globalThis;
}
