import { CslNorm, type CslNormAttrs, type CslNormInputs } from "@csl/internal/kernels/named-kernels";
import { util } from "@tensorflow/tfjs-core";
import { gridOf, groupIndex, int } from "../run-shader.js";
import { byBuffer, entryOf, tableTensor } from "../shaders/tensor-table.js";
import type { WebKernel } from "../web-kernel.js";

/** Numbers that a workgroup sums: 16 for each of its 256 threads. */
const perGroup = 4096;

/** √Σx² over many tensors: one dispatch for each buffer that they lie in, and one that adds what the workgroups found. */
export const norm: WebKernel<CslNormInputs, CslNormAttrs> = {
  kernelName: CslNorm,
  compute({ inputs, gpu }) {
    const tensors = Object.values(inputs);
    const out = gpu.make([]);
    for (const { dataId } of tensors) gpu.backend.uploadToGPU(dataId);
    const size = tensors.reduce((sum, { shape }) => sum + Math.ceil(util.sizeFromShape(shape) / perGroup), 0);
    const parts = gpu.scratch(size);
    let first = 0;
    for (const [buffer, indices] of byBuffer(gpu, tensors)) {
      const { table, groups } = tableTensor(
        gpu,
        indices.map((i) => ({
          size: util.sizeFromShape(tensors[i]!.shape),
          numbers: [gpu.offset(tensors[i]!)],
        })),
        perGroup,
      );
      gpu.withWholes([buffer], ([source]) =>
        gpu.run({
          name: "CslNorm squares",
          buffers: {
            parts: gpu.write(parts, false),
            source: gpu.read(source!, false),
            table: { tensor: table, element: "i32" },
          },
          words: { entries: int(indices.length), groups: int(groups), first: int(first) },
          workgroups: gridOf(groups),
          code: () => squares,
        }),
      );
      gpu.free(table);
      first += groups;
    }
    gpu.run({
      name: "CslNorm root",
      buffers: { out: gpu.write(out, false), parts: gpu.read(parts, false) },
      words: { count: int(size) },
      workgroups: [1, 1, 1],
      code: () => root,
    });
    gpu.free(parts);
    return out;
  },
};

/** Adds what the 256 threads of a workgroup hold in `sum`; the first has the total in sums[0]. */
const total = `
  sums[thread] = sum;
  workgroupBarrier();
  for (var other = 128u; other > 0u; other >>= 1u) {
    if (thread < other) { sums[thread] += sums[thread + other]; }
    workgroupBarrier();
  }`;

const squares = `${groupIndex}
${entryOf(4)}
var<workgroup> sums: array<f32, 256>;
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let index = groupIndex(group);
  if (index >= words.groups) { return; }
  let entry = entryOf(index);
  let begin = (index - table[entry]) * ${perGroup};
  let end = min(begin + ${perGroup}, table[entry + 1]);
  var sum = 0.0;
  for (var n = begin + i32(thread); n < end; n += 256) {
    let x = load_source(table[entry + 3] + n);
    sum += x * x;
  }
${total}
  if (thread == 0u) { store_parts(words.first + index, sums[0]); }
}`;

const root = `
var<workgroup> sums: array<f32, 256>;
@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var n = i32(thread); n < words.count; n += 256) { sum += load_parts(n); }
${total}
  if (thread == 0u) { store_out(0, sqrt(sums[0])); }
}`;
