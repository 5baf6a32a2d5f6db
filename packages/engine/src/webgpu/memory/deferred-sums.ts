import { engine, type KernelBackend, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { GpuBackend, Sum } from "../gpu-backend.js";
import { type Element, gridOf, groupIndex, int, runShader } from "../run-shader.js";

/**
 * Numbers from which on a sum is deferred: none is, as long as a small network with bottleneck blocks (that of
 * integrations/vite-browser/train.js) finds a term's buffer taken by somebody else.
 */
export const leastDeferred: number = Number.POSITIVE_INFINITY;

/**
 * Makes `sum` the sum of two tensors of its shape, without computing it: a kernel that reads it may read the two instead, which
 * saves a pass over all three. Whatever else wants its numbers has them computed first. The two live as long as that takes.
 */
export function deferSum(backend: GpuBackend, sum: TensorInfo, terms: Sum): void {
  for (const { dataId } of terms) backend.incRef(dataId);
  backend.tensorMap.get(sum.dataId).sum = terms;
}

/** Computes a deferred sum into a buffer of its own. `upload` is the backend's, which makes the buffer. */
export function computeSum(backend: GpuBackend, dataId: object, upload: (dataId: object) => void): void {
  const data = backend.tensorMap.get(dataId);
  const [a, b] = data.sum!;
  data.sum = undefined;
  upload(dataId);
  for (const term of [a, b]) backend.uploadToGPU(term.dataId);
  const size = util.sizeFromShape(a.shape);
  const element = size % 4 === 0 ? "vec4f" : "f32";
  const whole = size % 4 === 0 ? "int4" : "int";
  const of = ({ dataId }: TensorInfo): Element =>
    backend.tensorMap.get(dataId).dtype === "float32" ? element : whole;
  const count = size % 4 === 0 ? size / 4 : size;
  runShader(backend, {
    name: "deferred sum",
    buffers: {
      out: { tensor: { dataId, shape: a.shape, dtype: "float32" }, element, write: true },
      a: { tensor: a, element: of(a) },
      b: { tensor: b, element: of(b) },
    },
    words: { count: int(count) },
    workgroups: gridOf(Math.ceil(count / 256)),
    code: () => `${groupIndex}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group) * 256 + i32(thread);
  if (i < words.count) { store_out(i, load_a(i) + load_b(i)); }
}`,
  });
  dropTerms(backend, [a, b]);
}

/** Lets go of the terms of a sum that is computed or not wanted any more. */
export function dropTerms(backend: GpuBackend, terms: Sum): void {
  for (const { dataId } of terms)
    if (backend.disposeData(dataId)) engine().removeDataId(dataId, backend as unknown as KernelBackend);
}
