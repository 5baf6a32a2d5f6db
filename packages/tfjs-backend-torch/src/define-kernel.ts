import { CslError } from "@csl/internal/errors/csl-error";
import { forwardToCpu } from "@csl/internal/kernels/forward-to-cpu";
import type * as tf from "@tensorflow/tfjs-core";
import { type Argument, type Handle, ScalarType } from "./binding.js";
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
  /** The tensor behind an input, never in reduced precision. */
  of(input: tf.TensorInfo): Handle;
  /** The tensor as it is stored: bfloat16 where precision is reduced. */
  stored(input: tf.TensorInfo): Handle;
  /** The same as float32. */
  float(input: tf.TensorInfo): Handle;
  /** Calls an operator with one tensor as its result. */
  op(name: string, ...args: Argument[]): Handle;
  /** Calls an operator with several results. */
  ops(name: string, ...args: Argument[]): Handle[];
  /** Calls a sequence of binding/fused*.cc; an absent tensor is undefined. */
  fused(name: string, tensors: readonly (Handle | undefined)[], numbers?: readonly number[]): Handle[];
  /** Numbers of the host as a tensor for this kernel: indices, weights. */
  constant(values: Int32Array | Float32Array, shape?: readonly number[]): Handle;
  /** Makes a handle the kernel's output. */
  keep(handle: Handle, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  /** The input itself under another shape or name, without a copy. */
  alias(input: tf.TensorInfo, shape?: readonly number[], dtype?: tf.DataType): tf.TensorInfo;
}

export type Body<I, A> = (inputs: I, attrs: A, scope: Scope) => tf.TensorInfo | tf.TensorInfo[];

/**
 * A kernel of the torch backend as data: the name that TensorFlow.js knows, and how to compute it.
 *
 * @param options.anyType the body handles strings and complex numbers itself; otherwise they go to the cpu backend.
 */
export function defineKernel<I = Inputs, A = Attributes>(
  kernelName: string,
  body: Body<I, A>,
  { anyType = false }: { anyType?: boolean } = {},
): tf.KernelConfig {
  const forwarded = forwardToCpu(kernelName, "torch");
  const kernelFunc: tf.KernelFunc = (call) => {
    if (!anyType && !isNumeric(call.inputs)) return forwarded.kernelFunc(call);
    return inScope(call.backend as TorchBackend, () =>
      body(call.inputs as I, (call.attrs ?? {}) as A, scope),
    );
  };
  return { kernelName, backendName: "torch", kernelFunc };
}

function isNumeric(inputs: tf.NamedTensorInfoMap): boolean {
  for (const name in inputs) {
    const dtype = inputs[name]?.dtype;
    if (dtype === "string" || dtype === "complex64") return false;
  }
  return true;
}

// Kernels are synchronous and run thousands of times a second: one scope object serves them all, and a kernel that runs
// another one (through the cpu backend, say) only sees its own end of the list of owned handles.
let current: TorchBackend | undefined;
const owned: Handle[] = [];

function inScope<T>(backend: TorchBackend, body: () => T): T {
  const outer = current;
  const start = owned.length;
  current = backend;
  try {
    return body();
  } finally {
    while (owned.length > start) backend.binding.free(owned.pop()!);
    current = outer;
  }
}

const scope: Scope = {
  get backend() {
    return current!;
  },
  of(input) {
    const { handle, shape, reduced } = current!.numericOf(input);
    const shaped = sameShape(shape, input.shape) ? handle : scope.op("reshape", handle, input.shape);
    return reduced ? scope.op("to.dtype", shaped, ScalarType.float32) : shaped;
  },
  stored(input) {
    const { handle, shape } = current!.numericOf(input);
    return sameShape(shape, input.shape) ? handle : scope.op("reshape", handle, input.shape);
  },
  float(input) {
    const handle = scope.of(input);
    return input.dtype === "float32" ? handle : scope.op("to.dtype", handle, ScalarType.float32);
  },
  op(name, ...args) {
    const handle = current!.call(name, ...args) as Handle;
    owned.push(handle);
    return handle;
  },
  ops(name, ...args) {
    const handles = [current!.call(name, ...args)].flat(2) as Handle[];
    for (const handle of handles) if (handle !== 0) owned.push(handle);
    return handles;
  },
  fused(name, tensors, numbers = []) {
    const handles = current!.callFused(
      name,
      tensors.map((handle) => handle ?? 0),
      numbers,
    );
    for (const handle of handles) if (handle !== 0) owned.push(handle);
    return handles;
  },
  constant(values, shape = [values.length]) {
    const scalarType = values instanceof Int32Array ? ScalarType.int32 : ScalarType.float32;
    const handle = current!.upload(values, shape, scalarType!);
    owned.push(handle);
    return handle;
  },
  keep(handle, shape, dtype) {
    const at = owned.lastIndexOf(handle);
    if (at < 0) throw new CslError("failed", "torch: a kernel can only keep what it made itself.");
    owned.splice(at, 1);
    return current!.adopt(handle, [...shape], dtype);
  },
  alias(input, shape = input.shape, dtype = input.dtype) {
    current!.incRef(input.dataId);
    return { dataId: input.dataId, shape: [...shape], dtype };
  },
};

/** A reshape is only another name for the same tensor; libtorch has to be told which one is meant. */
function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
