// PIL.Image.blend in float32: zero + factor * (image - zero), truncated and clipped.

// @ts-expect-error: decorator
@inline
function four(zero: v128, level: v128, factor: v128): v128 {
  const base = f32x4.convert_i32x4_s(zero);
  const step = f32x4.mul(factor, f32x4.convert_i32x4_s(i32x4.sub(level, zero)));
  const value = f32x4.pmin(f32x4.splat(255), f32x4.pmax(f32x4.splat(0), f32x4.add(base, step)));
  // Whole numbers below 2^23 stand in the low bits of their sum with 2^23.
  const bits = f32x4.add(f32x4.floor(value), f32x4.splat(8388608));
  return v128.and(bits, i32x4.splat(255));
}

// @ts-expect-error: decorator
@inline
function eight(zero: v128, level: v128, factor: v128): v128 {
  return i16x8.narrow_i32x4_s(
    four(i32x4.extend_low_i16x8_u(zero), i32x4.extend_low_i16x8_u(level), factor),
    four(i32x4.extend_high_i16x8_u(zero), i32x4.extend_high_i16x8_u(level), factor),
  );
}

/** `zero` holds the samples of factor 0 and receives the result. */
export function blend(zero: usize, from: usize, count: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  for (let i = 0; i < count; i += 16) {
    const a = v128.load(zero + i);
    const b = v128.load(from + i);
    const low = eight(i16x8.extend_low_i8x16_u(a), i16x8.extend_low_i8x16_u(b), factors);
    const high = eight(i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b), factors);
    v128.store(zero + i, i8x16.narrow_i16x8_u(low, high));
  }
}
