// Pillow's AFFINE transform with BICUBIC for shears: one axis stays whole, so the filter has four taps. Pillow works in
// double precision and truncates; float32 gives the same sample unless the value is all but whole, and then the
// doubles are computed.

const FILL: u32 = 0x808080;
/** Float32 is off by less than 2e-4 here: values at most 2^11, five roundings of 2^-24. */
const NEAR: f32 = 0.001;

// Taps 0 ... 3 of a pixel as three int32.
// prettier-ignore
const TAPS: usize = memory.data<u8>([
  0, 128, 128, 128, 1, 128, 128, 128, 2, 128, 128, 128, 128, 128, 128, 128,
  3, 128, 128, 128, 4, 128, 128, 128, 5, 128, 128, 128, 128, 128, 128, 128,
  6, 128, 128, 128, 7, 128, 128, 128, 8, 128, 128, 128, 128, 128, 128, 128,
  9, 128, 128, 128, 10, 128, 128, 128, 11, 128, 128, 128, 128, 128, 128, 128,
], 16);

function exactSample(v1: f64, v2: f64, v3: f64, v4: f64, d: f64): u32 {
  const p2 = v3 - v1;
  const p3 = 2.0 * (v1 - v2) + v3 - v4;
  const p4 = v2 - v1 + v4 - v3;
  const value = v2 + d * (p2 + d * (p3 + d * p4));
  return <u32>min(max(value, 0.0), 255.0);
}

function exactPixel(a: usize, b: usize, c: usize, d: usize, at: f64): u32 {
  let pixel: u32 = 0;
  for (let i: usize = 0; i < 3; i++) {
    const sample = exactSample(
      <f64>load<u8>(a + i), <f64>load<u8>(b + i), <f64>load<u8>(c + i), <f64>load<u8>(d + i), at,
    );
    pixel |= sample << (8 * <u32>i);
  }
  return pixel;
}

// The three bytes of a pixel, or -1 where the doubles must decide.
// @ts-expect-error: decorator
@inline
function cubic(v1: v128, v2: v128, v3: v128, v4: v128, d: f32): i32 {
  const q2 = i32x4.sub(v3, v1);
  const q4 = i32x4.add(i32x4.sub(v2, v1), i32x4.sub(v4, v3));
  const q3 = i32x4.add(i32x4.shl(i32x4.sub(v1, v2), 1), i32x4.sub(v3, v4));
  const ds = f32x4.splat(d);
  let value = f32x4.add(f32x4.mul(ds, f32x4.convert_i32x4_s(q4)), f32x4.convert_i32x4_s(q3));
  value = f32x4.add(f32x4.mul(ds, value), f32x4.convert_i32x4_s(q2));
  value = f32x4.add(f32x4.mul(ds, value), f32x4.convert_i32x4_s(v2));
  const distance = f32x4.abs(f32x4.sub(value, f32x4.nearest(value)));
  // In a flat place the value is v2, exactly.
  const uneven = i32x4.ne(v128.or(v128.or(q2, q3), q4), i32x4.splat(0));
  if (v128.any_true(v128.and(f32x4.lt(distance, f32x4.splat(NEAR)), uneven))) return -1;
  value = f32x4.pmin(f32x4.splat(255), f32x4.pmax(f32x4.splat(0), value));
  const bits = v128.and(f32x4.add(f32x4.floor(value), f32x4.splat(8388608)), i32x4.splat(255));
  const words = i16x8.narrow_i32x4_s(bits, bits);
  return i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0);
}

// @ts-expect-error: decorator
@inline
function tap(at: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
}

// One pixel whose taps lie anywhere: `line` is the first pixel of a line of `length`, `step` bytes apart.
// @ts-expect-error: decorator
@inline
function pixelOf(line: usize, step: usize, length: i32, at: f64): u32 {
  if (at < 0 || at >= <f64>length) return FILL;
  const centred = at - 0.5;
  const whole = floor(centred);
  const d = centred - whole;
  const second = <i32>whole;
  const last = length - 1;
  const a = line + <usize>max(second - 1, 0) * step;
  const b = line + <usize>max(second, 0) * step;
  const c = line + <usize>min(second + 1, last) * step;
  const e = line + <usize>min(second + 2, last) * step;
  const mask = i32x4(-1, -1, -1, 0);
  const pixel = cubic(v128.and(tap(a), mask), v128.and(tap(b), mask), v128.and(tap(c), mask), v128.and(tap(e), mask), <f32>d);
  return pixel < 0 ? exactPixel(a, b, c, e, d) : <u32>pixel;
}

/** Output (x, y) takes column x + amount * y. */
export function shearX(from: usize, to: usize, width: i32, height: i32, amount: f64): void {
  const stride = <usize>width * 3;
  const m0 = v128.load(TAPS);
  const m1 = v128.load(TAPS, 16);
  const m2 = v128.load(TAPS, 32);
  const m3 = v128.load(TAPS, 48);
  for (let y = 0; y < height; y++) {
    const shift = amount * (<f64>y + 0.5);
    const line = from + <usize>y * stride;
    let out = to + <usize>y * stride;
    for (let x = 0; x < width; x++, out += 3) {
      const at = <f64>x + 0.5 + shift;
      const centred = at - 0.5;
      const whole = floor(centred);
      const second = <i32>whole;
      if (second < 1 || second + 2 >= width) {
        store<u32>(out, pixelOf(line, 3, width, at));
        continue;
      }
      const d = centred - whole;
      const first = line + <usize>(second - 1) * 3;
      const bytes = v128.load(first);
      const pixel = cubic(
        i8x16.swizzle(bytes, m0), i8x16.swizzle(bytes, m1), i8x16.swizzle(bytes, m2), i8x16.swizzle(bytes, m3), <f32>d,
      );
      store<u32>(out, pixel < 0 ? exactPixel(first, first + 3, first + 6, first + 9, d) : <u32>pixel);
    }
  }
}

/** Output (x, y) takes row y + amount * x. */
export function shearY(from: usize, to: usize, width: i32, height: i32, amount: f64): void {
  const stride = <usize>width * 3;
  let out = to;
  for (let y = 0; y < height; y++) {
    const middle = <f64>y + 0.5;
    for (let x = 0; x < width; x++, out += 3) {
      store<u32>(out, pixelOf(from + <usize>x * 3, stride, height, amount * (<f64>x + 0.5) + middle));
    }
  }
}
