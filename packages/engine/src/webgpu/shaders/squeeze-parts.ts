import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Gpu } from "../gpu.js";
import { gridOf, groupIndex, int } from "../run-shader.js";

const sizes = ({
  shape,
}: TensorInfo): { batch: number; pixels: number; vectors: boolean; across: number } => {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const vectors = channels % 4 === 0;
  return { batch, pixels: height * width, vectors, across: vectors ? channels / 4 : channels };
};

/** out[image, c] = mean of x over the pixels of an image; with `times`, the sum of x · times. 16 x 16 threads share an image. */
export function meanOfImages(
  gpu: Gpu,
  { name, out, x, times }: { name: string; out: TensorInfo; x: TensorInfo; times?: TensorInfo },
): void {
  const { batch, pixels, vectors, across } = sizes(x);
  gpu.run({
    name,
    buffers: {
      out: gpu.write(out, vectors),
      x: gpu.read(x, vectors),
      ...(times && { times: gpu.read(times, vectors) }),
    },
    words: { pixels: int(pixels), across: int(across) },
    workgroups: [Math.ceil(across / 16), batch, 1],
    code: () => `alias T = ${vectors ? "vec4f" : "f32"};
var<workgroup> sums: array<T, 256>;
@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let c = i32(group.x * 16u + local.x);
  let image = i32(group.y);
  let i = i32(local.y * 16u + local.x);
  var sum = T(0.0);
  if (c < words.across) {
    for (var pixel = i32(local.y); pixel < words.pixels; pixel += 16) {
      let at = (image * words.pixels + pixel) * words.across + c;
      sum += load_x(at)${times ? " * load_times(at)" : ""};
    }
  }
  sums[i] = sum;
  workgroupBarrier();
  if (local.y == 0u && c < words.across) {
    for (var lane = 1; lane < 16; lane++) { sum += sums[lane * 16 + i]; }
    store_out(image * words.across + c, sum${times ? "" : " / f32(words.pixels)"});
  }
}`,
  });
}

/** out = x · factor[image, c], plus offset[image, c] where there is one. One thread for each vector of four. */
export function scaleImages(
  gpu: Gpu,
  {
    name,
    out,
    x,
    ...rest
  }: { name: string; out: TensorInfo; x: TensorInfo; factor: TensorInfo; offset?: TensorInfo },
): void {
  const { factor, offset } = rest;
  const { batch, pixels, vectors, across } = sizes(x);
  const count = batch * pixels * across;
  gpu.run({
    name,
    buffers: {
      out: gpu.write(out, vectors),
      x: gpu.read(x, vectors),
      factor: gpu.read(factor, vectors),
      ...(offset && { offset: gpu.read(offset, vectors) }),
    },
    words: { count: int(count), pixels: int(pixels), across: int(across) },
    workgroups: gridOf(Math.ceil(count / 256)),
    code: () => `${groupIndex}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group) * 256 + i32(thread);
  if (i >= words.count) { return; }
  let pixel = i / words.across;
  let at = pixel / words.pixels * words.across + i - pixel * words.across;
  store_out(i, load_x(i) * load_factor(at)${offset ? " + load_offset(at)" : ""});
}`,
  });
}
