// Sums over all rows of [rows, channels] numbers, by slabs of rows: partial[slab][2][channels]. A slab is short
// enough for float32 sums; the slabs are then added in float64 (abn.ts).
import { arg, floatArg } from "./arg";
import { madd } from "./madd";

const LANES: i32 = 4;

// Item = slab. sum of (x - offset) and of (x - offset)^2, where offset is the first row: a common offset of a
// channel then cancels nothing.
// args: 0 x, 1 partial, 2 rows, 3 channels, 4 rowsPerSlab
export function channelMoments(args: usize, slab: i32): void {
  const x = <usize>arg(args, 0);
  const channels = arg(args, 3);
  const first = slab * arg(args, 4);
  const rows = min(arg(args, 4), arg(args, 2) - first);
  const stride = (<usize>channels) << 2;
  let from = x + <usize>first * stride;
  let offset = x;
  let sums = <usize>arg(args, 1) + <usize>(slab * 2) * stride;
  let c = channels;
  for (; c >= 4 * LANES; c -= 4 * LANES) {
    const o0 = v128.load(offset, 0);
    const o1 = v128.load(offset, 16);
    const o2 = v128.load(offset, 32);
    const o3 = v128.load(offset, 48);
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    let q0 = f32x4.splat(0);
    let q1 = f32x4.splat(0);
    let q2 = f32x4.splat(0);
    let q3 = f32x4.splat(0);
    let at = from;
    for (let row = 0; row < rows; row++) {
      let v = f32x4.sub(v128.load(at, 0), o0);
      s0 = f32x4.add(s0, v);
      q0 = madd(v, v, q0);
      v = f32x4.sub(v128.load(at, 16), o1);
      s1 = f32x4.add(s1, v);
      q1 = madd(v, v, q1);
      v = f32x4.sub(v128.load(at, 32), o2);
      s2 = f32x4.add(s2, v);
      q2 = madd(v, v, q2);
      v = f32x4.sub(v128.load(at, 48), o3);
      s3 = f32x4.add(s3, v);
      q3 = madd(v, v, q3);
      at += stride;
    }
    v128.store(sums, s0, 0);
    v128.store(sums, s1, 16);
    v128.store(sums, s2, 32);
    v128.store(sums, s3, 48);
    v128.store(sums + stride, q0, 0);
    v128.store(sums + stride, q1, 16);
    v128.store(sums + stride, q2, 32);
    v128.store(sums + stride, q3, 48);
    from += 64;
    offset += 64;
    sums += 64;
  }
  for (; c > 0; c--) {
    const o = load<f32>(offset);
    let s: f32 = 0;
    let q: f32 = 0;
    let at = from;
    for (let row = 0; row < rows; row++) {
      const v = load<f32>(at) - o;
      s += v;
      q += v * v;
      at += stride;
    }
    store<f32>(sums, s);
    store<f32>(sums + stride, q);
    from += 4;
    offset += 4;
    sums += 4;
  }
}

// Item = slab. With dz = dy where y > 0, dy * slope elsewhere, and s = leaky^-1(y) - bias (gamma * x^):
// sum of dz and of dz * s.
// args: 0 dy, 1 y, 2 bias, 3 partial, 4 rows, 5 channels, 6 rowsPerSlab, then floats 7 slope, 8 1 / slope
export function abnGradientSums(args: usize, slab: i32): void {
  const channels = arg(args, 5);
  const first = slab * arg(args, 6);
  const rows = min(arg(args, 6), arg(args, 4) - first);
  const slope = floatArg(args, 7);
  const inverse = floatArg(args, 8);
  const slopes = f32x4.splat(slope);
  const inverses = f32x4.splat(inverse);
  const zero = f32x4.splat(0);
  const stride = (<usize>channels) << 2;
  let dy = <usize>arg(args, 0) + <usize>first * stride;
  let y = <usize>arg(args, 1) + <usize>first * stride;
  let bias = <usize>arg(args, 2);
  let sums = <usize>arg(args, 3) + <usize>(slab * 2) * stride;
  let c = channels;
  for (; c >= 2 * LANES; c -= 2 * LANES) {
    const b0 = v128.load(bias, 0);
    const b1 = v128.load(bias, 16);
    let s0 = zero;
    let s1 = zero;
    let q0 = zero;
    let q1 = zero;
    let atDy = dy;
    let atY = y;
    for (let row = 0; row < rows; row++) {
      let v = v128.load(atY, 0);
      let g = v128.load(atDy, 0);
      let positive = f32x4.gt(v, zero);
      g = v128.bitselect(g, f32x4.mul(g, slopes), positive);
      v = f32x4.sub(v128.bitselect(v, f32x4.mul(v, inverses), positive), b0);
      s0 = f32x4.add(s0, g);
      q0 = madd(g, v, q0);
      v = v128.load(atY, 16);
      g = v128.load(atDy, 16);
      positive = f32x4.gt(v, zero);
      g = v128.bitselect(g, f32x4.mul(g, slopes), positive);
      v = f32x4.sub(v128.bitselect(v, f32x4.mul(v, inverses), positive), b1);
      s1 = f32x4.add(s1, g);
      q1 = madd(g, v, q1);
      atDy += stride;
      atY += stride;
    }
    v128.store(sums, s0, 0);
    v128.store(sums, s1, 16);
    v128.store(sums + stride, q0, 0);
    v128.store(sums + stride, q1, 16);
    dy += 32;
    y += 32;
    bias += 32;
    sums += 32;
  }
  for (; c > 0; c--) {
    const b = load<f32>(bias);
    let s: f32 = 0;
    let q: f32 = 0;
    let atDy = dy;
    let atY = y;
    for (let row = 0; row < rows; row++) {
      const v = load<f32>(atY);
      const g = load<f32>(atDy);
      const dz = v > 0 ? g : g * slope;
      s += dz;
      q += dz * ((v > 0 ? v : v * inverse) - b);
      atDy += stride;
      atY += stride;
    }
    store<f32>(sums, s);
    store<f32>(sums + stride, q);
    dy += 4;
    y += 4;
    bias += 4;
    sums += 4;
  }
}
