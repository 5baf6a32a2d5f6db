import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type * as tf from "@tensorflow/tfjs-core";
import { watchDevice } from "./webgpu-device.js";

/**
 * TensorFlow.js's backend on a device. A device that failed answers with zeros or not at all: here each submission and each
 * read says what happened.
 */
export function createWebgpuBackend(
  Backend: typeof WebGPUBackend,
  device: GPUDevice,
  info: GPUAdapterInfo,
): WebGPUBackend {
  const failure = watchDevice(device);
  const check = (): void => {
    const found = failure();
    if (found) throw found;
  };

  class WatchedBackend extends Backend {
    override submitQueue(): void {
      check();
      super.submitQueue();
    }

    override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
      try {
        return await super.read(dataId);
      } finally {
        check(); // its words before those of the library
      }
    }
  }
  return new WatchedBackend(device, info);
}
