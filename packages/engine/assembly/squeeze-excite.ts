// y = x * sigmoid(relu(mean(x) W1 + b1) W2 + b2), one image an item: its pixels stay in the cache between the mean
// and the scaling. W1 [channels, reduced], W2 [reduced, channels].
import { arg } from "./arg";
import { exp } from "./exp";
import { addProduct, addScaled, dot } from "./vector";

// args: 0 x, 1 w1, 2 b1, 3 w2, 4 b2, 5 y, 6 pooled, 7 hidden, 8 gate, 9 pixels, 10 channels, 11 reduced
export function squeezeExcite(args: usize, item: i32): void {
  const pixels = arg(args, 9);
  const channels = arg(args, 10);
  const reduced = arg(args, 11);
  const pixel = (<usize>channels) << 2;
  const inner = (<usize>reduced) << 2;
  const x = <usize>arg(args, 0) + <usize>(item * pixels) * pixel;
  const pooled = <usize>arg(args, 6) + <usize>item * pixel;
  const hidden = <usize>arg(args, 7) + <usize>item * inner;
  const gate = <usize>arg(args, 8) + <usize>item * pixel;

  memory.fill(pooled, 0, pixel);
  const share = <f32>1 / <f32>pixels;
  for (let p = 0; p < pixels; p++) addScaled(pooled, x + <usize>p * pixel, share, channels);

  memory.copy(hidden, <usize>arg(args, 2), inner);
  for (let c = 0; c < channels; c++) {
    addScaled(hidden, <usize>arg(args, 1) + <usize>c * inner, load<f32>(pooled + ((<usize>c) << 2)), reduced);
  }
  for (let r = 0; r < reduced; r++) {
    const at = hidden + ((<usize>r) << 2);
    store<f32>(at, max<f32>(load<f32>(at), 0));
  }
  memory.copy(gate, <usize>arg(args, 4), pixel);
  for (let r = 0; r < reduced; r++) {
    addScaled(gate, <usize>arg(args, 3) + <usize>r * pixel, load<f32>(hidden + ((<usize>r) << 2)), channels);
  }
  for (let c = 0; c < channels; c++) {
    const at = gate + ((<usize>c) << 2);
    store<f32>(at, 1 / (1 + exp(-load<f32>(at))));
  }

  let from = x;
  let to = <usize>arg(args, 5) + <usize>(item * pixels) * pixel;
  for (let p = 0; p < pixels; p++) {
    multiplyRows(to, from, gate, channels);
    from += pixel;
    to += pixel;
  }
}

// dx, and for each image the gradients before the sigmoid and before the relu.
// args: 0 dy, 1 x, 2 pooled (unused), 3 hidden, 4 gate, 5 w1, 6 w2, 7 dx, 8 d1 [batch, reduced], 9 d2 [batch, channels],
// 10 dpooled [batch, channels], 11 pixels, 12 channels, 13 reduced
export function squeezeExciteGradient(args: usize, item: i32): void {
  const pixels = arg(args, 11);
  const channels = arg(args, 12);
  const reduced = arg(args, 13);
  const pixel = (<usize>channels) << 2;
  const inner = (<usize>reduced) << 2;
  const start = <usize>(item * pixels) * pixel;
  const dy = <usize>arg(args, 0) + start;
  const x = <usize>arg(args, 1) + start;
  const dx = <usize>arg(args, 7) + start;
  const hidden = <usize>arg(args, 3) + <usize>item * inner;
  const gate = <usize>arg(args, 4) + <usize>item * pixel;
  const d1 = <usize>arg(args, 8) + <usize>item * inner;
  const d2 = <usize>arg(args, 9) + <usize>item * pixel;
  const dpooled = <usize>arg(args, 10) + <usize>item * pixel;

  memory.fill(d2, 0, pixel);
  for (let p = 0; p < pixels; p++) {
    addProduct(d2, dy + <usize>p * pixel, x + <usize>p * pixel, channels);
  }
  for (let c = 0; c < channels; c++) {
    const at = (<usize>c) << 2;
    const g = load<f32>(gate + at);
    store<f32>(d2 + at, load<f32>(d2 + at) * g * (1 - g));
  }
  for (let r = 0; r < reduced; r++) {
    const at = (<usize>r) << 2;
    const through = load<f32>(hidden + at) > 0;
    store<f32>(d1 + at, through ? dot(d2, <usize>arg(args, 6) + <usize>r * pixel, channels) : 0);
  }
  const share = <f32>1 / <f32>pixels;
  for (let c = 0; c < channels; c++) {
    const at = (<usize>c) << 2;
    store<f32>(dpooled + at, dot(d1, <usize>arg(args, 5) + <usize>c * inner, reduced) * share);
  }
  for (let p = 0; p < pixels; p++) {
    const at = <usize>p * pixel;
    memory.copy(dx + at, dpooled, pixel);
    addProduct(dx + at, dy + at, gate, channels);
  }
}

// dw[i, j] = sum over the batch of a[n, i] b[n, j], and for item 0 also db[j] = sum of b[n, j]. Item = row i.
// args: 0 a, 1 b, 2 dw, 3 db, 4 batch, 5 rows, 6 columns
export function outerProducts(args: usize, item: i32): void {
  const batch = arg(args, 4);
  const rows = arg(args, 5);
  const columns = arg(args, 6);
  const stride = (<usize>columns) << 2;
  const out = <usize>arg(args, 2) + <usize>item * stride;
  const db = <usize>arg(args, 3);
  memory.fill(out, 0, stride);
  if (item === 0) memory.fill(db, 0, stride);
  for (let n = 0; n < batch; n++) {
    const b = <usize>arg(args, 1) + <usize>n * stride;
    addScaled(out, b, load<f32>(<usize>arg(args, 0) + ((<usize>(n * rows + item)) << 2)), columns);
    if (item === 0) addScaled(db, b, 1, columns);
  }
}

// out[i] = x[i] * y[i]
function multiplyRows(out: usize, x: usize, y: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(out, f32x4.mul(v128.load(x), v128.load(y)));
    out += 16;
    x += 16;
    y += 16;
  }
  for (; count > 0; count--) {
    store<f32>(out, load<f32>(x) * load<f32>(y));
    out += 4;
    x += 4;
    y += 4;
  }
}
