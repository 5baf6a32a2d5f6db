// PIL.ImageFilter.SMOOTH: (1 1 1, 1 5 1, 1 1 1) / 13, rounded; the border stays.

// @ts-expect-error: decorator
@inline
function low(at: usize): v128 {
  return i16x8.extend_low_i8x16_u(v128.load64_zero(at));
}

// Eight sums of three neighbours of a row, three samples apart.
// @ts-expect-error: decorator
@inline
function three(at: usize): v128 {
  return i16x8.add(i16x8.add(low(at - 3), low(at)), low(at + 3));
}

// round(s / 13) = floor((2 s + 13) / 26), by a reciprocal that is exact up to 2 * 13 * 255 + 13.
// @ts-expect-error: decorator
@inline
function thirteenth(sum: v128): v128 {
  const doubled = i16x8.add(i16x8.shl(sum, 1), i16x8.splat(13));
  const reciprocal = i16x8.splat(20165);
  return i16x8.narrow_i32x4_s(
    i32x4.shr_u(i32x4.extmul_low_i16x8_u(doubled, reciprocal), 19),
    i32x4.shr_u(i32x4.extmul_high_i16x8_u(doubled, reciprocal), 19),
  );
}

export function smooth(from: usize, to: usize, width: i32, height: i32): void {
  const stride = <usize>width * 3;
  memory.copy(to, from, stride);
  for (let y = 1; y < height - 1; y++) {
    const row = from + <usize>y * stride;
    const out = to + <usize>y * stride;
    // Whole vectors run over the border and into the next row, which comes later; the border is put back.
    for (let i: usize = 3; i + 3 < stride; i += 8) {
      const at = row + i;
      const middle = i16x8.shl(low(at), 2);
      const sum = i16x8.add(i16x8.add(three(at - stride), three(at)), i16x8.add(three(at + stride), middle));
      const result = thirteenth(sum);
      v128.store64_lane(out + i, i8x16.narrow_i16x8_u(result, result), 0);
    }
    memory.copy(out, row, 3);
    memory.copy(out + stride - 3, row + stride - 3, 3);
  }
  if (height > 1) {
    const last = <usize>(height - 1) * stride;
    memory.copy(to + last, from + last, stride);
  }
}
