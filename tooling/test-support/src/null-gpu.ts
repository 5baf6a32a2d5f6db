import * as tf from "@tensorflow/tfjs-core";
import { create, globals } from "webgpu";

/** Dawn ends with its last reference: see the engine's driver. */
const inUse = new Set<GPU>();

/**
 * Makes TensorFlow.js's backend "webgpu", the current one, of Dawn's device that computes nothing; zeros are read from it. It
 * counts what a GPU would be given.
 *
 * @returns the dispatches so far, by the label of their shaders
 */
export async function useNullGpu(): Promise<Map<string, number>> {
  Object.assign(globalThis, globals);
  const gpu = create(["backend=null"]);
  inUse.add(gpu);
  const navigator = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { gpu } });
  try {
    // It registers itself where it finds navigator.gpu, but with limits of its own choice.
    const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu");
    const adapter = (await gpu.requestAdapter())!;
    const device = await adapter.requestDevice();
    tf.removeBackend("webgpu");
    class ReadsZeros extends WebGPUBackend {
      override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
        return ((await super.read(dataId)) as Float32Array).fill(0);
      }
    }
    tf.registerBackend("webgpu", () => new ReadsZeros(device, adapter.info));
    await tf.setBackend("webgpu");
  } finally {
    if (navigator) Object.defineProperty(globalThis, "navigator", navigator);
  }
  return countDispatches();
}

function countDispatches(): Map<string, number> {
  const counts = new Map<string, number>();
  const labels = new WeakMap<GPUComputePassEncoder, string>();
  const { setPipeline, dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  GPUComputePassEncoder.prototype.setPipeline = function (pipeline) {
    labels.set(this, pipeline.label);
    return setPipeline.call(this, pipeline);
  };
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...groups) {
    const label = labels.get(this)!;
    counts.set(label, (counts.get(label) ?? 0) + 1);
    return dispatchWorkgroups.apply(this, groups);
  };
  return counts;
}
