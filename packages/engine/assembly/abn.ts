// Activated batch normalisation (In-Place ABN): y = leaky(scale * x + shift) per channel, and its gradient from y.
// The formulas are those of @csl/tresnet's KERNELS.md: gamma = |weight| + epsilon, statistics biased.
import { arg, floatArg } from "./arg";
import { madd } from "./madd";

// From partial sums (channelMoments) to mean, variance and the affine form. One item.
// args: 0 x, 1 partial, 2 slabs, 3 channels, 4 rows, 5 weight, 6 bias, 7 mean, 8 variance, 9 scale, 10 shift,
// then float 11 epsilon
export function abnStatistics(args: usize, _item: i32): void {
  const x = <usize>arg(args, 0);
  const slabs = arg(args, 2);
  const channels = arg(args, 3);
  const count = <f64>arg(args, 4);
  const stride = (<usize>channels) << 2;
  for (let c = 0; c < channels; c++) {
    const at = (<usize>c) << 2;
    let partial = <usize>arg(args, 1) + at;
    let sum: f64 = 0;
    let squares: f64 = 0;
    for (let slab = 0; slab < slabs; slab++) {
      sum += <f64>load<f32>(partial);
      squares += <f64>load<f32>(partial + stride);
      partial += stride * 2;
    }
    const mean = sum / count;
    store<f32>(<usize>arg(args, 7) + at, <f32>(mean + <f64>load<f32>(x + at)));
    store<f32>(<usize>arg(args, 8) + at, <f32>max(squares / count - mean * mean, 0));
  }
  abnAffine(args + (3 << 2), 0);
}

// The affine form from given statistics. One item.
// args: 0 channels, 1 unused, 2 weight, 3 bias, 4 mean, 5 variance, 6 scale, 7 shift, then float 8 epsilon
export function abnAffine(args: usize, _item: i32): void {
  const channels = arg(args, 0);
  const epsilon = <f64>floatArg(args, 8);
  for (let c = 0; c < channels; c++) {
    const at = (<usize>c) << 2;
    const gamma = Math.abs(<f64>load<f32>(<usize>arg(args, 2) + at)) + epsilon;
    const scale = gamma / Math.sqrt(<f64>load<f32>(<usize>arg(args, 5) + at) + epsilon);
    const shift = <f64>load<f32>(<usize>arg(args, 3) + at) - <f64>load<f32>(<usize>arg(args, 4) + at) * scale;
    store<f32>(<usize>arg(args, 6) + at, <f32>scale);
    store<f32>(<usize>arg(args, 7) + at, <f32>shift);
  }
}

// Item = some rows.
// args: 0 x, 1 y, 2 scale, 3 shift, 4 rows, 5 channels, 6 rowsPerItem, then float 7 slope
export function abnApply(args: usize, item: i32): void {
  const scales = <usize>arg(args, 2);
  const shifts = <usize>arg(args, 3);
  const channels = arg(args, 5);
  const first = item * arg(args, 6);
  const rows = min(arg(args, 6), arg(args, 4) - first);
  const slope = floatArg(args, 7);
  const slopes = f32x4.splat(slope);
  const zero = f32x4.splat(0);
  let x = <usize>arg(args, 0) + ((<usize>(first * channels)) << 2);
  let y = <usize>arg(args, 1) + ((<usize>(first * channels)) << 2);
  for (let row = 0; row < rows; row++) {
    let scale = scales;
    let shift = shifts;
    let c = channels;
    for (; c >= 4; c -= 4) {
      const v = madd(v128.load(x), v128.load(scale), v128.load(shift));
      v128.store(y, v128.bitselect(v, f32x4.mul(v, slopes), f32x4.gt(v, zero)));
      x += 16;
      y += 16;
      scale += 16;
      shift += 16;
    }
    for (; c > 0; c--) {
      const v = load<f32>(x) * load<f32>(scale) + load<f32>(shift);
      store<f32>(y, v > 0 ? v : v * slope);
      x += 4;
      y += 4;
      scale += 4;
      shift += 4;
    }
  }
}

// From partial sums (abnGradientSums) to the gradients of weight and bias and the three factors of
// dx = dz * factor + (leaky^-1(y) - bias) * alongX + constant. One item.
// args: 0 partial, 1 slabs, 2 channels, 3 rows, 4 weight, 5 variance, 6 dweight, 7 dbias, 8 factor, 9 alongX,
// 10 constant, 11 frozen, then float 12 epsilon
export function abnGradientFactors(args: usize, _item: i32): void {
  const slabs = arg(args, 1);
  const channels = arg(args, 2);
  const count = <f64>arg(args, 3);
  const frozen = arg(args, 11);
  const epsilon = <f64>floatArg(args, 12);
  const stride = (<usize>channels) << 2;
  for (let c = 0; c < channels; c++) {
    const at = (<usize>c) << 2;
    let partial = <usize>arg(args, 0) + at;
    let dbias: f64 = 0;
    let along: f64 = 0;
    for (let slab = 0; slab < slabs; slab++) {
      dbias += <f64>load<f32>(partial);
      along += <f64>load<f32>(partial + stride);
      partial += stride * 2;
    }
    const weight = <f64>load<f32>(<usize>arg(args, 4) + at);
    const gamma = Math.abs(weight) + epsilon;
    const dgamma = along / gamma;
    const inverse = 1 / Math.sqrt(<f64>load<f32>(<usize>arg(args, 5) + at) + epsilon);
    const factor = gamma * inverse;
    const alongX = frozen ? 0 : (-dgamma * inverse) / count;
    const constant = frozen ? 0 : (-dbias * factor) / count;
    store<f32>(<usize>arg(args, 6) + at, <f32>(weight < 0 ? -dgamma : dgamma));
    store<f32>(<usize>arg(args, 7) + at, <f32>dbias);
    store<f32>(<usize>arg(args, 8) + at, <f32>factor);
    store<f32>(<usize>arg(args, 9) + at, <f32>alongX);
    store<f32>(<usize>arg(args, 10) + at, <f32>constant);
  }
}

// Item = some rows.
// The bias is subtracted before the product: gamma, and with it both terms of the difference, may be 1e-5.
// args: 0 dy, 1 y, 2 dx, 3 factor, 4 alongX, 5 constant, 6 rows, 7 channels, 8 rowsPerItem, 9 bias, then floats
// 10 slope, 11 1 / slope
export function abnGradientApply(args: usize, item: i32): void {
  const factors = <usize>arg(args, 3);
  const alongXs = <usize>arg(args, 4);
  const constants = <usize>arg(args, 5);
  const biases = <usize>arg(args, 9);
  const channels = arg(args, 7);
  const first = item * arg(args, 8);
  const rows = min(arg(args, 8), arg(args, 6) - first);
  const slope = floatArg(args, 10);
  const inverse = floatArg(args, 11);
  const slopes = f32x4.splat(slope);
  const inverses = f32x4.splat(inverse);
  const zero = f32x4.splat(0);
  const start = (<usize>(first * channels)) << 2;
  let dy = <usize>arg(args, 0) + start;
  let y = <usize>arg(args, 1) + start;
  let dx = <usize>arg(args, 2) + start;
  for (let row = 0; row < rows; row++) {
    let offset: usize = 0;
    let c = channels;
    for (; c >= 4; c -= 4) {
      const v = v128.load(y);
      const g = v128.load(dy);
      const positive = f32x4.gt(v, zero);
      const dz = v128.bitselect(g, f32x4.mul(g, slopes), positive);
      const bn = f32x4.sub(v128.bitselect(v, f32x4.mul(v, inverses), positive), v128.load(biases + offset));
      const sum = madd(bn, v128.load(alongXs + offset), v128.load(constants + offset));
      v128.store(dx, madd(dz, v128.load(factors + offset), sum));
      y += 16;
      dy += 16;
      dx += 16;
      offset += 16;
    }
    for (; c > 0; c--) {
      const v = load<f32>(y);
      const g = load<f32>(dy);
      const dz = v > 0 ? g : g * slope;
      const bn = (v > 0 ? v : v * inverse) - load<f32>(biases + offset);
      store<f32>(
        dx,
        dz * load<f32>(factors + offset) + bn * load<f32>(alongXs + offset) + load<f32>(constants + offset),
      );
      y += 4;
      dy += 4;
      dx += 4;
      offset += 4;
    }
  }
}
