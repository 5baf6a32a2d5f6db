import { type HostMemory, hostMemories } from "@csl/internal/kernels/host-memory";
import {
  CslAdam,
  type CslAdamAttrs,
  CslAverage,
  type CslAverageAttrs,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { type AdamSlot, adamLoop, averageLoop } from "./adam-loop.js";

/** Registers both kernels for "cpu" or "wasm"; does nothing for another backend or the second time. */
export function registerHostKernels(backendName: string): void {
  const accessMemory = hostMemories[backendName];
  if (!accessMemory || tf.getKernel(CslAdam, backendName)) return;
  tf.registerKernel({
    kernelName: CslAdam,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) =>
      runAdam(Object.values(inputs), attrs as unknown as CslAdamAttrs, accessMemory(backend)),
  });
  tf.registerKernel({
    kernelName: CslAverage,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) =>
      runAverage(Object.values(inputs), attrs as unknown as CslAverageAttrs, accessMemory(backend)),
  });
}

function runAdam(
  inputs: (tf.TensorInfo | undefined)[],
  attrs: CslAdamAttrs,
  memory: HostMemory,
): tf.TensorInfo[] {
  const { count, averaged, weightDecay } = attrs;
  const tensors = inputs as tf.TensorInfo[];
  const values = tensors.slice(0, count);
  const parts = averaged ? 4 : 3; // value, moment1, moment2, average
  const outputs = Array.from({ length: parts }, () =>
    values.map((value) => memory.allocate(value.shape)),
  ).flat();
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
  { count, decay }: CslAverageAttrs,
  memory: HostMemory,
): tf.TensorInfo[] {
  const tensors = inputs as tf.TensorInfo[];
  const outputs = tensors.slice(0, count).map((value) => memory.allocate(value.shape));
  for (let i = 0; i < count; i++) {
    averageLoop(memory.view(tensors[i]!), memory.view(tensors[count + i]!), memory.view(outputs[i]!), decay);
  }
  return outputs;
}
