import {
  CslSqueezeExcite,
  type CslSqueezeExciteAttrs,
  type CslSqueezeExciteInputs,
} from "@csl/internal/kernels/named-kernels";
import { int } from "../run-shader.js";
import { meanOfImages, scaleImages } from "../shaders/squeeze-parts.js";
import type { WebKernel } from "../web-kernel.js";

/** [y, pooled, hidden, gate] in three passes: means, the two small products of each image, the scaling. */
export const squeezeExcite: WebKernel<CslSqueezeExciteInputs, CslSqueezeExciteAttrs> = {
  kernelName: CslSqueezeExcite,
  compute({ inputs: { x, w1, b1, w2, b2 }, gpu }) {
    const [batch, , , channels] = x.shape as [number, number, number, number];
    const reduced = w1.shape[3]!;
    const y = gpu.makeActivation(x.shape);
    const pooled = gpu.make([batch, channels]);
    const hidden = gpu.make([batch, reduced]);
    const gate = gpu.make([batch, channels]);
    meanOfImages(gpu, { name: "CslSqueezeExcite mean", out: pooled, x });
    const plain = (tensor: typeof x) => gpu.read(tensor, false);
    gpu.run({
      name: "CslSqueezeExcite gate",
      variant: `${reduced}`,
      buffers: {
        gate: gpu.write(gate, false),
        hidden: gpu.write(hidden, false),
        pooled: plain(pooled),
        w1: plain(w1),
        b1: plain(b1),
        w2: plain(w2),
        b2: plain(b2),
      },
      words: { channels: int(channels) },
      workgroups: [batch, 1, 1],
      code: () => gateOf(reduced),
    });
    scaleImages(gpu, { name: "CslSqueezeExcite scale", out: y, x, factor: gate });
    return [y, pooled, hidden, gate];
  },
};

/** A workgroup takes an image. Each hidden number is shared by as many threads as there are for it. */
const gateOf = (reduced: number): string => `
const reduced = ${reduced};
const shares = max(1, 256 / reduced);
var<workgroup> sums: array<f32, max(256, reduced)>;
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let image = i32(group.x);
  let t = i32(thread);
  if (t < shares * reduced || shares == 1) {
    for (var r = t % min(reduced, 256); r < reduced; r += 256) {
      let share = select(0, t / reduced, shares > 1);
      var sum = 0.0;
      for (var c = share; c < words.channels; c += shares) {
        sum += load_pooled(image * words.channels + c) * load_w1(c * reduced + r);
      }
      sums[share * reduced + r] = sum;
    }
  }
  workgroupBarrier();
  for (var r = t; r < reduced; r += 256) {
    var sum = load_b1(r);
    for (var share = 0; share < shares; share++) { sum += sums[share * reduced + r]; }
    sum = select(sum, 0.0, sum < 0.0);
    sums[r] = sum;
    store_hidden(image * reduced + r, sum);
  }
  workgroupBarrier();
  for (var c = t; c < words.channels; c += 256) {
    var sum = load_b2(c);
    for (var r = 0; r < reduced; r++) { sum += sums[r] * load_w2(r * words.channels + c); }
    store_gate(image * words.channels + c, 1.0 / (1.0 + exp(-sum)));
  }
}`;
