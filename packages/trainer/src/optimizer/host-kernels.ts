import { type HostMemory, hostMemories } from "@csl/internal/kernels/host-memory";
import {
  CslAdam,
  type CslAdamAttrs,
  CslAverage,
  type CslAverageAttrs,
  CslNorm,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { type AdamSlot, adamLoop, averageLoop } from "./adam-loop.js";

/** The kernels by name, each over memory that lies in this process. */
const kernels: Readonly<Record<string, HostKernel>> = {
  [CslAdam]: (inputs, attrs, memory) => runAdam(inputs, attrs as unknown as CslAdamAttrs, memory),
  [CslAverage]: (inputs, attrs, memory) => runAverage(inputs, attrs as unknown as CslAverageAttrs, memory),
  [CslNorm]: (inputs, _, memory) => runNorm(inputs, memory),
};

type HostKernel = (
  inputs: (tf.TensorInfo | undefined)[],
  attrs: tf.NamedAttrMap | undefined,
  memory: HostMemory,
) => tf.TensorInfo | tf.TensorInfo[];

/** Registers the kernels that "cpu" or "wasm" lacks (an engine may bring faster ones); does nothing for another backend. */
export function registerHostKernels(backendName: string): void {
  const accessMemory = hostMemories[backendName];
  if (!accessMemory) return;
  for (const [kernelName, run] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, backendName)) continue;
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => run(Object.values(inputs), attrs, accessMemory(backend)),
    });
  }
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

function runNorm(inputs: (tf.TensorInfo | undefined)[], memory: HostMemory): tf.TensorInfo {
  const sum = (inputs as tf.TensorInfo[]).reduce((total, tensor) => total + squares(memory.view(tensor)), 0);
  const norm = memory.allocate([]);
  // Summed in float64, infinite where float32 would be.
  memory.view(norm)[0] = Math.fround(sum) === Number.POSITIVE_INFINITY ? sum * sum : Math.sqrt(sum);
  return norm;
}

/** Two sums side by side: one alone waits for its own additions. */
function squares(values: Float32Array): number {
  const half = values.length >>> 1;
  let first = 0;
  let second = 0;
  for (let i = 0; i < half; i++) {
    const a = values[i]!;
    const b = values[half + i]!;
    first += a * a;
    second += b * b;
  }
  const last = values.length % 2 === 1 ? values[values.length - 1]! : 0;
  return first + second + last * last;
}
