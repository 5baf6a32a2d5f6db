import * as tf from "@tensorflow/tfjs-core";
import { type Gpu, gpuOf } from "./gpu.js";

/** One of our kernels, as data. */
export interface WebKernel<Inputs, Attrs> {
  kernelName: string;
  /** Whether this kernel serves the call; if not, the kernel that was registered before does. */
  serves?: (inputs: Inputs, attrs: Attrs) => boolean;
  compute(call: { inputs: Inputs; attrs: Attrs; gpu: Gpu }): tf.TensorInfo | tf.TensorInfo[];
}

/** The same with its types forgotten, for lists. */
export type AnyWebKernel = WebKernel<never, never>;

/** Puts a kernel before the one that webgpu has by that name; that one keeps the calls that ours does not serve. */
export function registerWebKernel(kernel: AnyWebKernel): void {
  const { kernelName, serves, compute } = kernel as unknown as WebKernel<tf.NamedTensorInfoMap, object>;
  const former = tf.getKernel(kernelName, "webgpu");
  if (former) tf.unregisterKernel(kernelName, "webgpu");
  tf.registerKernel({
    ...former,
    kernelName,
    backendName: "webgpu",
    kernelFunc(call) {
      const attrs = (call.attrs ?? {}) as object;
      if (former && serves && !serves(call.inputs, attrs)) return former.kernelFunc(call);
      return compute({ inputs: call.inputs, attrs, gpu: gpuOf(call.backend) });
    },
  });
}
