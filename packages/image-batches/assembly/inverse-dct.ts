// libjpeg's accurate integer inverse DCT ("islow"), in the arithmetic of its SSE2 form: the same results, and the same
// saturation where a damaged file exceeds the range.
import { DCT } from "./constants";

// @ts-expect-error: decorator
@inline
function factors(index: i32): v128 {
  return v128.load(DCT + (<usize>index << 4));
}

// The 8x8 int16 between the passes.
const HALF_WAY: usize = memory.data(128, 16);

// a, b: sums and differences of one output pair, halves of eight lanes.
// @ts-expect-error: decorator
@inline
function descale(low: v128, high: v128, round: v128, shift: i32): v128 {
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(low, round), shift),
    i32x4.shr_s(i32x4.add(high, round), shift),
  );
}

// One pass over eight columns at once: x0 ... x7 are the rows, results go to `to`, 16 bytes apart.
// @ts-expect-error: decorator
@inline
function pass(
  x0: v128, x1: v128, x2: v128, x3: v128, x4: v128, x5: v128, x6: v128, x7: v128, to: usize, shift: i32,
): void {
  const round = i32x4.splat(1 << (shift - 1));
  const zero = i32x4.splat(0);
  // Even part.
  const e_l = v128.shuffle<i16>(x2, x6, 0, 8, 1, 9, 2, 10, 3, 11);
  const e_h = v128.shuffle<i16>(x2, x6, 4, 12, 5, 13, 6, 14, 7, 15);
  const t2l = i32x4.dot_i16x8_s(e_l, factors(0));
  const t2h = i32x4.dot_i16x8_s(e_h, factors(0));
  const t3l = i32x4.dot_i16x8_s(e_l, factors(1));
  const t3h = i32x4.dot_i16x8_s(e_h, factors(1));
  const sum = i16x8.add(x0, x4);
  const difference = i16x8.sub(x0, x4);
  // Into the upper half and down again: sign-extended and times 2^13.
  const t0l = i32x4.shr_s(v128.shuffle<i16>(zero, sum, 0, 8, 1, 9, 2, 10, 3, 11), 3);
  const t0h = i32x4.shr_s(v128.shuffle<i16>(zero, sum, 4, 12, 5, 13, 6, 14, 7, 15), 3);
  const t1l = i32x4.shr_s(v128.shuffle<i16>(zero, difference, 0, 8, 1, 9, 2, 10, 3, 11), 3);
  const t1h = i32x4.shr_s(v128.shuffle<i16>(zero, difference, 4, 12, 5, 13, 6, 14, 7, 15), 3);
  const t10l = i32x4.add(t0l, t3l);
  const t10h = i32x4.add(t0h, t3h);
  const t13l = i32x4.sub(t0l, t3l);
  const t13h = i32x4.sub(t0h, t3h);
  const t11l = i32x4.add(t1l, t2l);
  const t11h = i32x4.add(t1h, t2h);
  const t12l = i32x4.sub(t1l, t2l);
  const t12h = i32x4.sub(t1h, t2h);
  // Odd part.
  const z3 = i16x8.add(x7, x3);
  const z4 = i16x8.add(x5, x1);
  const z_l = v128.shuffle<i16>(z3, z4, 0, 8, 1, 9, 2, 10, 3, 11);
  const z_h = v128.shuffle<i16>(z3, z4, 4, 12, 5, 13, 6, 14, 7, 15);
  const z3l = i32x4.dot_i16x8_s(z_l, factors(2));
  const z3h = i32x4.dot_i16x8_s(z_h, factors(2));
  const z4l = i32x4.dot_i16x8_s(z_l, factors(3));
  const z4h = i32x4.dot_i16x8_s(z_h, factors(3));
  const a_l = v128.shuffle<i16>(x7, x1, 0, 8, 1, 9, 2, 10, 3, 11);
  const a_h = v128.shuffle<i16>(x7, x1, 4, 12, 5, 13, 6, 14, 7, 15);
  const o0l = i32x4.add(i32x4.dot_i16x8_s(a_l, factors(4)), z3l);
  const o0h = i32x4.add(i32x4.dot_i16x8_s(a_h, factors(4)), z3h);
  const o3l = i32x4.add(i32x4.dot_i16x8_s(a_l, factors(5)), z4l);
  const o3h = i32x4.add(i32x4.dot_i16x8_s(a_h, factors(5)), z4h);
  v128.store(to, descale(i32x4.add(t10l, o3l), i32x4.add(t10h, o3h), round, shift));
  v128.store(to + 112, descale(i32x4.sub(t10l, o3l), i32x4.sub(t10h, o3h), round, shift));
  v128.store(to + 48, descale(i32x4.add(t13l, o0l), i32x4.add(t13h, o0h), round, shift));
  v128.store(to + 64, descale(i32x4.sub(t13l, o0l), i32x4.sub(t13h, o0h), round, shift));
  const b_l = v128.shuffle<i16>(x5, x3, 0, 8, 1, 9, 2, 10, 3, 11);
  const b_h = v128.shuffle<i16>(x5, x3, 4, 12, 5, 13, 6, 14, 7, 15);
  const o1l = i32x4.add(i32x4.dot_i16x8_s(b_l, factors(6)), z4l);
  const o1h = i32x4.add(i32x4.dot_i16x8_s(b_h, factors(6)), z4h);
  const o2l = i32x4.add(i32x4.dot_i16x8_s(b_l, factors(7)), z3l);
  const o2h = i32x4.add(i32x4.dot_i16x8_s(b_h, factors(7)), z3h);
  v128.store(to + 16, descale(i32x4.add(t11l, o2l), i32x4.add(t11h, o2h), round, shift));
  v128.store(to + 96, descale(i32x4.sub(t11l, o2l), i32x4.sub(t11h, o2h), round, shift));
  v128.store(to + 32, descale(i32x4.add(t12l, o1l), i32x4.add(t12h, o1h), round, shift));
  v128.store(to + 80, descale(i32x4.sub(t12l, o1l), i32x4.sub(t12h, o1h), round, shift));
}

// Transposes the 8x8 int16 at HALF_WAY in place.
// @ts-expect-error: decorator
@inline
function transpose(): void {
  const a0 = v128.load(HALF_WAY);
  const a1 = v128.load(HALF_WAY, 16);
  const a2 = v128.load(HALF_WAY, 32);
  const a3 = v128.load(HALF_WAY, 48);
  const b0 = v128.shuffle<i16>(a0, a1, 0, 8, 1, 9, 2, 10, 3, 11);
  const b1 = v128.shuffle<i16>(a0, a1, 4, 12, 5, 13, 6, 14, 7, 15);
  const b2 = v128.shuffle<i16>(a2, a3, 0, 8, 1, 9, 2, 10, 3, 11);
  const b3 = v128.shuffle<i16>(a2, a3, 4, 12, 5, 13, 6, 14, 7, 15);
  const c0 = v128.shuffle<i32>(b0, b2, 0, 4, 1, 5);
  const c1 = v128.shuffle<i32>(b0, b2, 2, 6, 3, 7);
  const c2 = v128.shuffle<i32>(b1, b3, 0, 4, 1, 5);
  const c3 = v128.shuffle<i32>(b1, b3, 2, 6, 3, 7);
  const a4 = v128.load(HALF_WAY, 64);
  const a5 = v128.load(HALF_WAY, 80);
  const a6 = v128.load(HALF_WAY, 96);
  const a7 = v128.load(HALF_WAY, 112);
  const b4 = v128.shuffle<i16>(a4, a5, 0, 8, 1, 9, 2, 10, 3, 11);
  const b5 = v128.shuffle<i16>(a4, a5, 4, 12, 5, 13, 6, 14, 7, 15);
  const b6 = v128.shuffle<i16>(a6, a7, 0, 8, 1, 9, 2, 10, 3, 11);
  const b7 = v128.shuffle<i16>(a6, a7, 4, 12, 5, 13, 6, 14, 7, 15);
  const c4 = v128.shuffle<i32>(b4, b6, 0, 4, 1, 5);
  const c5 = v128.shuffle<i32>(b4, b6, 2, 6, 3, 7);
  const c6 = v128.shuffle<i32>(b5, b7, 0, 4, 1, 5);
  const c7 = v128.shuffle<i32>(b5, b7, 2, 6, 3, 7);
  v128.store(HALF_WAY, v128.shuffle<i64>(c0, c4, 0, 2));
  v128.store(HALF_WAY, v128.shuffle<i64>(c0, c4, 1, 3), 16);
  v128.store(HALF_WAY, v128.shuffle<i64>(c1, c5, 0, 2), 32);
  v128.store(HALF_WAY, v128.shuffle<i64>(c1, c5, 1, 3), 48);
  v128.store(HALF_WAY, v128.shuffle<i64>(c2, c6, 0, 2), 64);
  v128.store(HALF_WAY, v128.shuffle<i64>(c2, c6, 1, 3), 80);
  v128.store(HALF_WAY, v128.shuffle<i64>(c3, c7, 0, 2), 96);
  v128.store(HALF_WAY, v128.shuffle<i64>(c3, c7, 1, 3), 112);
}

// @ts-expect-error: decorator
@inline
function storeRows(to: usize, stride: usize): void {
  const levels = i8x16.splat(-128);
  // Rows of the transposed result are columns: 8 samples each, packed two columns to a vector.
  const p0 = i8x16.sub(i8x16.narrow_i16x8_s(v128.load(HALF_WAY), v128.load(HALF_WAY, 16)), levels);
  const p1 = i8x16.sub(i8x16.narrow_i16x8_s(v128.load(HALF_WAY, 32), v128.load(HALF_WAY, 48)), levels);
  const p2 = i8x16.sub(i8x16.narrow_i16x8_s(v128.load(HALF_WAY, 64), v128.load(HALF_WAY, 80)), levels);
  const p3 = i8x16.sub(i8x16.narrow_i16x8_s(v128.load(HALF_WAY, 96), v128.load(HALF_WAY, 112)), levels);
  v128.store64_lane(to, p0, 0);
  v128.store64_lane(to + stride, p0, 1);
  v128.store64_lane(to + 2 * stride, p1, 0);
  v128.store64_lane(to + 3 * stride, p1, 1);
  v128.store64_lane(to + 4 * stride, p2, 0);
  v128.store64_lane(to + 5 * stride, p2, 1);
  v128.store64_lane(to + 6 * stride, p3, 0);
  v128.store64_lane(to + 7 * stride, p3, 1);
}

// Whether rows 1 to 7 of the block hold anything.
// @ts-expect-error: decorator
@inline
function hasColumns(block: usize): bool {
  const upper = v128.or(v128.or(v128.load(block, 16), v128.load(block, 32)), v128.load(block, 48));
  const lower = v128.or(v128.or(v128.load(block, 80), v128.load(block, 96)), v128.load(block, 112));
  return v128.any_true(v128.or(v128.or(upper, lower), v128.load(block, 64)));
}

/** Dequantizes and transforms a block of 64 int16 into 8 rows of 8 samples, `stride` apart. */
export function inverseDct(block: usize, quant: usize, to: usize, stride: usize): void {
  if (hasColumns(block)) firstPass(block, quant);
  else {
    // In 16 bits, as the SSE2 form: damaged files wrap around here where they saturate elsewhere.
    const level = i16x8.shl(i16x8.mul(v128.load(block), v128.load(quant)), 2);
    for (let row: usize = 0; row < 128; row += 16) v128.store(HALF_WAY + row, level);
  }
  transpose();
  pass(
    v128.load(HALF_WAY),
    v128.load(HALF_WAY, 16),
    v128.load(HALF_WAY, 32),
    v128.load(HALF_WAY, 48),
    v128.load(HALF_WAY, 64),
    v128.load(HALF_WAY, 80),
    v128.load(HALF_WAY, 96),
    v128.load(HALF_WAY, 112),
    HALF_WAY, 18,
  );
  transpose();
  storeRows(to, stride);
}

// @ts-expect-error: decorator
@inline
function firstPass(block: usize, quant: usize): void {
  pass(
    i16x8.mul(v128.load(block), v128.load(quant)),
    i16x8.mul(v128.load(block, 16), v128.load(quant, 16)),
    i16x8.mul(v128.load(block, 32), v128.load(quant, 32)),
    i16x8.mul(v128.load(block, 48), v128.load(quant, 48)),
    i16x8.mul(v128.load(block, 64), v128.load(quant, 64)),
    i16x8.mul(v128.load(block, 80), v128.load(quant, 80)),
    i16x8.mul(v128.load(block, 96), v128.load(quant, 96)),
    i16x8.mul(v128.load(block, 112), v128.load(quant, 112)),
    HALF_WAY, 11,
  );
}

/** A block whose only coefficient is the first: one level. */
export function flatBlock(dc: i32, to: usize, stride: usize): void {
  const scaled = <i32>(<i16>(dc << 2));
  const level = max(min((scaled + 16) >> 5, 127), -128) + 128;
  const eight = <u64>level * 0x0101010101010101;
  for (let row = 0; row < 8; row++, to += stride) store<u64>(to, eight);
}
