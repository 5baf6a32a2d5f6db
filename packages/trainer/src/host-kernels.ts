import * as tf from "@tensorflow/tfjs-core";
import { type AdamSlot, type AdamStep, adamLoop, averageLoop } from "./adam-loop.js";

/**
 * Kernel "CslAdam": one step over many parameters at once.
 * inputs: value ×n, gradient ×n, moment1 ×n, moment2 ×n and, if `averaged`, average ×n, in one list.
 * outputs: value ×n, moment1 ×n, moment2 ×n (, average ×n), each under a new id: a backend may keep packed copies of a
 * filter by its id (XNNPACK does).
 * Plain tensors and gradients keep their values. A `tf.Variable` whose id nobody else holds may lose its values: the
 * backend may make the new ones in its memory (torch does), so the caller assigns the outputs at once. What was seen
 * before stays as it was: a clone, a slice, another variable made of it, a read under way.
 */
export interface AdamAttrs extends AdamStep {
  count: number;
  averaged: boolean;
  /** One per parameter. */
  weightDecay: number[];
}

/** Kernel "CslAverage": inputs value ×n, average ×n; outputs average ×n. */
export interface AverageAttrs {
  count: number;
  decay: number;
}

export const AdamKernel = "CslAdam";
export const AverageKernel = "CslAverage";

/** How a backend whose tensors lie in host memory makes an output and shows a tensor as an array. */
interface HostMemory {
  allocate(like: tf.TensorInfo): tf.TensorInfo;
  /** Valid until the next allocation: the heap of wasm may move. */
  view(tensor: tf.TensorInfo): Float32Array;
}

/** Registers both kernels for "cpu" or "wasm"; does nothing for another backend or the second time. */
export function registerHostKernels(backendName: string): void {
  const memoryOf = hostMemories[backendName];
  if (!memoryOf || tf.getKernel(AdamKernel, backendName)) return;
  tf.registerKernel({
    kernelName: AdamKernel,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) =>
      runAdam(Object.values(inputs), attrs as unknown as AdamAttrs, memoryOf(backend)),
  });
  tf.registerKernel({
    kernelName: AverageKernel,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) =>
      runAverage(Object.values(inputs), attrs as unknown as AverageAttrs, memoryOf(backend)),
  });
}

function runAdam(
  inputs: (tf.TensorInfo | undefined)[],
  attrs: AdamAttrs,
  memory: HostMemory,
): tf.TensorInfo[] {
  const { count, averaged, weightDecay } = attrs;
  const tensors = inputs as tf.TensorInfo[];
  const values = tensors.slice(0, count);
  const parts = averaged ? 4 : 3; // value, moment1, moment2, average
  const outputs = Array.from({ length: parts }, () => values.map((value) => memory.allocate(value))).flat();
  const slot = (list: tf.TensorInfo[], value: number, moments: number): AdamSlot<Float32Array> => ({
    value: memory.view(list[value]!),
    moment1: memory.view(list[moments]!),
    moment2: memory.view(list[moments + count]!),
    ...(averaged && { average: memory.view(list[moments + 2 * count]!) }),
  });
  for (let i = 0; i < count; i++) {
    const gradient = memory.view(tensors[count + i]!);
    adamLoop(
      slot(tensors, i, 2 * count + i),
      gradient,
      slot(outputs, i, count + i),
      weightDecay[i] ?? 0,
      attrs,
    );
  }
  return outputs;
}

function runAverage(
  inputs: (tf.TensorInfo | undefined)[],
  { count, decay }: AverageAttrs,
  memory: HostMemory,
): tf.TensorInfo[] {
  const tensors = inputs as tf.TensorInfo[];
  const outputs = tensors.slice(0, count).map((value) => memory.allocate(value));
  for (let i = 0; i < count; i++) {
    averageLoop(memory.view(tensors[i]!), memory.view(tensors[count + i]!), memory.view(outputs[i]!), decay);
  }
  return outputs;
}

interface CpuBackend {
  data: { get(dataId: object): { values: Float32Array } };
  makeTensorInfo(shape: number[], dtype: "float32", values: Float32Array): tf.TensorInfo;
}

interface WasmBackend {
  makeOutput(shape: number[], dtype: "float32"): tf.TensorInfo;
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
}

const hostMemories: Record<string, (backend: unknown) => HostMemory> = {
  cpu: (backend) => {
    const cpu = backend as CpuBackend;
    return {
      allocate: ({ shape }) =>
        cpu.makeTensorInfo(shape, "float32", new Float32Array(tf.util.sizeFromShape(shape))),
      view: ({ dataId }) => cpu.data.get(dataId).values,
    };
  },
  wasm: (backend) => {
    const wasm = backend as WasmBackend;
    return {
      allocate: ({ shape }) => wasm.makeOutput(shape, "float32"),
      view: (tensor) => wasm.typedArrayFromHeap(tensor),
    };
  },
};
