import { CslError } from "@csl/internal/errors/csl-error";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { type KernelRunner, runnerOf } from "./kernel-runner.js";

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
        throw new CslError(
          "unsupported",
          `${kernelName}: expected a wasm backend that startEngine() started, got another. ` +
            'Start it with startEngine({ prefer: "wasm" }).',
        );
      }
      return former.kernelFunc(call);
    },
  });
}

/** Address of a tensor's first number on the wasm heap. */
export function addressOf(backend: BackendWasm, { dataId }: tf.TensorInfo): number {
  return (backend as unknown as { dataIdMap: { get(id: object): { memoryOffset: number } } }).dataIdMap.get(
    dataId,
  ).memoryOffset;
}

/** Whether all inputs are float32 and lie with their channels innermost: what our kernels are written for. */
export function isFloatNhwc(inputs: object, { dataFormat }: { dataFormat?: string }): boolean {
  return (
    (dataFormat ?? "NHWC") === "NHWC" &&
    Object.values(inputs).every((input: tf.TensorInfo | undefined) => !input || input.dtype === "float32")
  );
}

/** Cuts `rows` into items: a few for every thread, none smaller than is worth handing out (about 16k numbers). */
export function shareRows(
  runner: KernelRunner,
  rows: number,
  rowSize: number,
): { items: number; rowsPerItem: number } {
  const least = Math.ceil(16384 / Math.max(1, rowSize));
  const rowsPerItem = Math.max(least, Math.ceil(rows / (4 * runner.threads)));
  return { items: Math.ceil(rows / rowsPerItem), rowsPerItem };
}
