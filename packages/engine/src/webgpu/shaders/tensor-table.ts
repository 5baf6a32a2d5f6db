import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Gpu } from "../gpu.js";

/** One tensor of many that a shader goes over. */
export interface TableEntry {
  size: number;
  factor?: number;
  /** Where the tensor begins in its buffers. */
  numbers: readonly number[];
}

/**
 * A table that tells each workgroup which tensor it works on: for each tensor its first workgroup, its size, its factor (bits
 * of a float32) and its numbers. The caller frees it.
 */
export function tableTensor(
  gpu: Gpu,
  entries: readonly TableEntry[],
  perGroup: number,
): { table: TensorInfo; groups: number } {
  const stride = 3 + entries[0]!.numbers.length;
  const words = new Int32Array(stride * entries.length);
  const floats = new Float32Array(words.buffer);
  let groups = 0;
  for (const [i, { size, factor = 0, numbers }] of entries.entries()) {
    words.set([groups, size, 0, ...numbers], i * stride);
    floats[i * stride + 2] = factor;
    groups += Math.ceil(size / perGroup);
  }
  return { table: gpu.backend.makeTensorInfo([words.length], "int32", words), groups };
}

/** WGSL: where the entry of a workgroup begins in `table`, by bisection. `words.entries` is the number of entries. */
export const entryOf = (stride: number): string => `
fn entryOf(group: i32) -> i32 {
  var low = 0;
  var high = words.entries;
  while (high - low > 1) {
    let middle = (low + high) / 2;
    if (table[middle * ${stride}] <= group) { low = middle; } else { high = middle; }
  }
  return low * ${stride};
}`;

/** Indices of tensors by the buffer that they lie in. All of them have one. */
export function byBuffer(gpu: Gpu, tensors: readonly TensorInfo[]): Map<GPUBuffer, number[]> {
  const groups = new Map<GPUBuffer, number[]>();
  for (const [i, { dataId }] of tensors.entries()) {
    const buffer = gpu.backend.tensorMap.get(dataId).resource!;
    const group = groups.get(buffer);
    if (group) group.push(i);
    else groups.set(buffer, [i]);
  }
  return groups;
}
