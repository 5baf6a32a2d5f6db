import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Gpu } from "../gpu.js";
import { gridOf, groupIndex, int } from "../run-shader.js";

/** sum[i] = Σ parts[split · size + i]: one thread for each number or vector of four. */
export function sumParts(
  gpu: Gpu,
  { parts, sum, splits, size }: { parts: TensorInfo; sum: TensorInfo; splits: number; size: number },
): void {
  const vectors = size % 4 === 0;
  const count = vectors ? size / 4 : size;
  gpu.run({
    name: "sum of parts",
    buffers: { sum: gpu.write(sum, vectors), parts: gpu.read(parts, vectors) },
    words: { count: int(count), splits: int(splits) },
    workgroups: gridOf(Math.ceil(count / 256)),
    code: () => `${groupIndex}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group) * 256 + i32(thread);
  if (i >= words.count) { return; }
  var total = load_parts(i);
  for (var split = 1; split < words.splits; split++) { total += load_parts(split * words.count + i); }
  store_sum(i, total);
}`,
  });
}

/** sum = Σ parts, by one workgroup. */
export function sumTo(
  gpu: Gpu,
  { parts, sum, count }: { parts: TensorInfo; sum: TensorInfo; count: number },
): void {
  gpu.run({
    name: "sum of all",
    buffers: { sum: gpu.write(sum, false), parts: gpu.read(parts, false) },
    words: { count: int(count) },
    workgroups: [1, 1, 1],
    code: () => `
var<workgroup> sums: array<f32, 256>;
@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
  var total = 0.0;
  for (var i = i32(thread); i < words.count; i += 256) { total += load_parts(i); }
  sums[thread] = total;
  workgroupBarrier();
  for (var other = 128u; other > 0u; other >>= 1u) {
    if (thread < other) { sums[thread] += sums[thread + other]; }
    workgroupBarrier();
  }
  if (thread == 0u) { store_sum(0, sums[0]); }
}`,
  });
}
