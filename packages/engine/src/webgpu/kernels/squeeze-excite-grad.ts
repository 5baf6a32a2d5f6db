import {
  CslSqueezeExciteGrad,
  type CslSqueezeExciteGradAttrs,
  type CslSqueezeExciteGradInputs,
} from "@csl/internal/kernels/named-kernels";
import { gridOf, groupIndex, int } from "../run-shader.js";
import { meanOfImages, scaleImages } from "../shaders/squeeze-parts.js";
import type { WebKernel } from "../web-kernel.js";

/**
 * [dx, dw1, db1, dw2, db2] in four passes: the gate's gradient of each image, what it is before sigmoid and relu, the sums over
 * the images, dx. `before` and `reducedBefore` are gradients before the sigmoid and the relu, as in "pre-activation".
 */
export const squeezeExciteGrad: WebKernel<CslSqueezeExciteGradInputs, CslSqueezeExciteGradAttrs> = {
  kernelName: CslSqueezeExciteGrad,
  compute({ inputs: { dy, x, pooled, hidden, gate, w1, w2 }, gpu }) {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const reduced = w1.shape[3]!;
    const dx = gpu.make(x.shape);
    const [dw1, dw2] = [gpu.gradients.make(w1.shape), gpu.gradients.make(w2.shape)];
    const [db1, db2] = [gpu.gradients.make([reduced]), gpu.gradients.make([channels])];
    const dgate = gpu.scratch(batch * channels);
    const before = gpu.scratch(batch * channels);
    const reducedBefore = gpu.scratch(batch * reduced);
    const dpooled = gpu.scratch(batch * channels);
    meanOfImages(gpu, { name: "CslSqueezeExciteGrad gate", out: dgate, x: dy, times: x });
    const read = (tensor: typeof x) => gpu.read(tensor, false);
    const write = (tensor: typeof x) => gpu.write(tensor, false);
    gpu.run({
      name: "CslSqueezeExciteGrad image",
      variant: `${reduced}`,
      buffers: {
        before: write(before),
        reducedBefore: write(reducedBefore),
        dpooled: write(dpooled),
        dgate: read(dgate),
        gate: read(gate),
        hidden: read(hidden),
        w1: read(w1),
        w2: read(w2),
      },
      words: { channels: int(channels), pixels: int(height * width) },
      workgroups: [batch, 1, 1],
      code: () => imageCode(reduced),
    });
    gpu.run({
      name: "CslSqueezeExciteGrad weights",
      buffers: {
        dw1: write(dw1),
        dw2: write(dw2),
        db1: write(db1),
        db2: write(db2),
        before: read(before),
        reducedBefore: read(reducedBefore),
        pooled: read(pooled),
        hidden: read(hidden),
      },
      words: { channels: int(channels), reduced: int(reduced), batch: int(batch) },
      workgroups: gridOf(Math.ceil((channels * reduced) / 256)),
      code: () => weightsCode,
    });
    scaleImages(gpu, { name: "CslSqueezeExciteGrad dx", out: dx, x: dy, factor: gate, offset: dpooled });
    gpu.free(dgate, before, reducedBefore, dpooled);
    return [dx, dw1, db1, dw2, db2];
  },
};

/** A workgroup takes an image; 16 threads share each hidden number. */
const imageCode = (reduced: number): string => `
const reduced = ${reduced};
const rounded = ${Math.ceil(reduced / 16) * 16};
var<workgroup> parts: array<f32, 256>;
var<workgroup> small: array<f32, rounded>;
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let image = i32(group.x);
  let t = i32(thread);
  let first = image * words.channels;
  for (var c = t; c < words.channels; c += 256) {
    let g = load_gate(first + c);
    store_before(first + c, load_dgate(first + c) * g * (1.0 - g));
  }
  for (var start = 0; start < rounded; start += 16) {
    let r = start + t / 16;
    var sum = 0.0;
    if (r < reduced) {
      for (var c = t % 16; c < words.channels; c += 16) {
        let g = load_gate(first + c);
        sum += load_dgate(first + c) * g * (1.0 - g) * load_w2(r * words.channels + c);
      }
    }
    parts[t] = sum;
    workgroupBarrier();
    if (t % 16 == 0 && r < reduced) {
      for (var lane = 1; lane < 16; lane++) { sum += parts[t + lane]; }
      sum = select(0.0, sum, load_hidden(image * reduced + r) > 0.0);
      small[r] = sum;
      store_reducedBefore(image * reduced + r, sum);
    }
    workgroupBarrier();
  }
  for (var c = t; c < words.channels; c += 256) {
    var sum = 0.0;
    for (var r = 0; r < reduced; r++) { sum += small[r] * load_w1(c * reduced + r); }
    store_dpooled(first + c, sum / f32(words.pixels));
  }
}`;

/** One thread for each number of dw1 and its counterpart in dw2, both [channels · reduced]; the first also sum the biases'. */
const weightsCode = `${groupIndex}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = groupIndex(group) * 256 + i32(thread);
  let c1 = i / words.reduced;
  let r1 = i - c1 * words.reduced;
  let r2 = i / words.channels;
  let c2 = i - r2 * words.channels;
  if (c1 >= words.channels) { return; }
  var first = 0.0;
  var second = 0.0;
  var firstBias = 0.0;
  var secondBias = 0.0;
  for (var image = 0; image < words.batch; image++) {
    let reducedBefore = load_reducedBefore(image * words.reduced + r1);
    let before = load_before(image * words.channels + c2);
    first += load_pooled(image * words.channels + c1) * reducedBefore;
    second += load_hidden(image * words.reduced + r2) * before;
    firstBias += reducedBefore;
    secondBias += before;
  }
  store_dw1(i, first);
  store_dw2(i, second);
  if (i < words.reduced) { store_db1(i, firstBias); }
  if (i < words.channels) { store_db2(i, secondBias); }
}`;
