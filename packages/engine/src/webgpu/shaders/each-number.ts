import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { Gpu } from "../gpu.js";
import { gridOf, groupIndex, int, type Word } from "../run-shader.js";

/**
 * An elementwise shader over tensors of one size: one thread for each vector of four, or for each number where the size does not
 * divide by 4. `body` stores at `i`, from what it loads at `i`; T is the type of one element.
 */
export function eachNumber(
  gpu: Gpu,
  {
    name,
    ...rest
  }: {
    name: string;
    out: TensorInfo;
    inputs: Record<string, TensorInfo>;
    words?: Record<string, Word>;
    body: string;
  },
): void {
  const { out, inputs, words = {}, body } = rest;
  const size = util.sizeFromShape(out.shape);
  const vectors = size % 4 === 0;
  const count = vectors ? size / 4 : size;
  gpu.run({
    name,
    buffers: {
      out: gpu.write(out, vectors),
      ...Object.fromEntries(Object.entries(inputs).map(([key, tensor]) => [key, gpu.read(tensor, vectors)])),
    },
    words: { count: int(count), ...words },
    workgroups: gridOf(Math.ceil(count / 256)),
    code: () => `alias T = ${vectors ? "vec4f" : "f32"};
${groupIndex}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group) * 256 + i32(thread);
  if (i >= words.count) { return; }
  ${body}
}`,
  });
}
