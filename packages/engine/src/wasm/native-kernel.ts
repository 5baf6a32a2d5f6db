import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import type { KernelRunner } from "./kernel-runner.js";
import { runnerOf } from "./runner-of.js";

/** One of our kernels, as data. */
export interface NativeKernel<Inputs, Attrs> {
  kernelName: string;
  /** Whether this kernel serves the call; if not, the kernel that was registered before does. */
  serves?: (inputs: Inputs, attrs: Attrs) => boolean;
  compute(call: {
    inputs: Inputs;
    attrs: Attrs;
    backend: BackendWasm;
    runner: KernelRunner;
  }): tf.TensorInfo | tf.TensorInfo[];
}

/** The same with its types forgotten, for lists. */
export type AnyNativeKernel = NativeKernel<never, never>;

/** Puts a kernel before the one that wasm has by that name; that one keeps the calls that ours does not serve. */
export function registerNativeKernel(kernel: AnyNativeKernel): void {
  const { kernelName, serves, compute } = kernel as unknown as NativeKernel<tf.NamedTensorInfoMap, object>;
  const former = tf.getKernel(kernelName, "wasm");
  if (former) tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    ...former,
    kernelName,
    backendName: "wasm",
    kernelFunc(call) {
      const runner = runnerOf(call.backend);
      const attrs = (call.attrs ?? {}) as object;
      if (runner && (!serves || serves(call.inputs, attrs))) {
        return compute({ inputs: call.inputs, attrs, backend: call.backend as BackendWasm, runner });
      }
      if (!former) {
        throw new Error(
          `${kernelName}: expected a wasm backend that startEngine() started, got another. ` +
            'Start it with startEngine({ prefer: "wasm" }).',
        );
      }
      return former.kernelFunc(call);
    },
  });
}
