import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Gpu } from "../gpu.js";
import { gridOf, groupIndex, int } from "../run-shader.js";

/** The shape of a map, or of one at half its size. */
type Shape = readonly [batch: number, height: number, width: number, channels: number];

/**
 * A shader between a map [batch, height, width, c] and one of half its size: one thread for each vector of channels (each
 * channel where they do not divide by 4) of a pixel of `out`. `body` sets `v`, of type T, for the pixel (image, y, x) by
 * `at(image, y, x)`, which loads from `input`; `words` has the larger map's height and width, and halfHeight and halfWidth.
 */
export function eachPixel(
  gpu: Gpu,
  {
    name,
    ...rest
  }: { name: string; out: TensorInfo; input: TensorInfo; large: Shape; body: string; functions?: string },
): void {
  const { out, input, large, body, functions = "" } = rest;
  const [batch, height, width, channels] = large;
  const vectors = channels % 4 === 0;
  const [, outHeight = 1, outWidth = 1] = out.shape;
  const [, inHeight = 1, inWidth = 1] = input.shape;
  const across = vectors ? channels / 4 : channels;
  const count = batch * outHeight * outWidth * across;
  gpu.run({
    name,
    buffers: { out: gpu.write(out, vectors), input: gpu.read(input, vectors) },
    words: {
      count: int(count),
      across: int(across),
      outHeight: int(outHeight),
      outWidth: int(outWidth),
      inHeight: int(inHeight),
      inWidth: int(inWidth),
      height: int(height),
      width: int(width),
      halfHeight: int(Math.ceil(height / 2)),
      halfWidth: int(Math.ceil(width / 2)),
    },
    workgroups: gridOf(Math.ceil(count / 256)),
    code: () => `alias T = ${vectors ? "vec4f" : "f32"};
var<private> channel: i32;
${groupIndex}
${functions}
fn at(image: i32, y: i32, x: i32) -> T {
  return load_input(((image * words.inHeight + y) * words.inWidth + x) * words.across + channel);
}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group) * 256 + i32(thread);
  if (i >= words.count) { return; }
  let pixel = i / words.across;
  channel = i - pixel * words.across;
  let row = pixel / words.outWidth;
  let x = pixel - row * words.outWidth;
  let image = row / words.outHeight;
  let y = row - image * words.outHeight;
  var v = T(0.0);
  ${body}
  store_out(i, v);
}`,
  });
}
