import type * as tf from "@tensorflow/tfjs-core";
import type { Argument, Handle, Result } from "./binding.js";
import type { TorchBackend } from "./torch-backend.js";

export type Inputs = Record<string, tf.TensorInfo>;
// biome-ignore lint/suspicious/noExplicitAny: attributes are as various as the kernels; each kernel names its own.
export type Attributes = Record<string, any>;

/**
 * What a kernel works with. Every handle that `op` returns is freed when the kernel ends, unless it left through `keep`:
 * a kernel cannot leak and reads like a formula.
 */
export interface Scope {
  readonly backend: TorchBackend;
  /** The tensor behind an input. */
  of(input: tf.TensorInfo): Handle;
  /** Calls an operator with one tensor as its result. */
  op(name: string, ...args: Argument[]): Handle;
  /** Calls an operator with several results. */
  ops(name: string, ...args: Argument[]): Handle[];
  /** Makes a handle the kernel's output. */
  keep(handle: Handle, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  /** The input itself under another shape or name, without a copy. */
  alias(input: tf.TensorInfo, shape?: readonly number[], dtype?: tf.DataType): tf.TensorInfo;
}

export type Body<I, A> = (inputs: I, attrs: A, scope: Scope) => tf.TensorInfo | tf.TensorInfo[];

/** A kernel of the torch backend as data: the name that TensorFlow.js knows, and how to compute it. */
export function defineKernel<I = Inputs, A = Attributes>(
  kernelName: string,
  body: Body<I, A>,
): tf.KernelConfig {
  const kernelFunc: tf.KernelFunc = ({ inputs, attrs, backend }) =>
    inScope(backend as TorchBackend, (scope) => body(inputs as I, (attrs ?? {}) as A, scope));
  return { kernelName, backendName: "torch", kernelFunc };
}

function inScope<T>(backend: TorchBackend, body: (scope: Scope) => T): T {
  const owned: Handle[] = [];
  const track = (result: Result): Handle[] => {
    const handles = (Array.isArray(result) ? result.flat() : [result]) as Handle[];
    for (const handle of handles) if (handle !== 0) owned.push(handle);
    return handles;
  };
  try {
    return body({
      backend,
      of: (input) => backend.handleOf(input),
      op: (name, ...args) => {
        const handle = backend.call(name, ...args) as Handle;
        owned.push(handle);
        return handle;
      },
      ops: (name, ...args) => track(backend.call(name, ...args)),
      keep: (handle, shape, dtype) => {
        const at = owned.lastIndexOf(handle);
        if (at < 0) throw new Error("torch: a kernel can only keep what it made itself.");
        owned.splice(at, 1);
        return backend.adopt(handle, [...shape], dtype);
      },
      alias: (input, shape = input.shape, dtype = input.dtype) => {
        backend.incRef(input.dataId);
        return { dataId: input.dataId, shape: [...shape], dtype };
      },
    });
  } finally {
    for (const handle of owned) backend.binding.free(handle);
  }
}
