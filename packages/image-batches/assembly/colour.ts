// Sample planes to RGB: libjpeg's "fancy" (triangle) upsampling of chroma and its 16-bit fixed-point YCbCr, exactly.

// Masks that spread sixteen samples of one colour over 48 bytes of RGB; 0x80 gives zero.
// prettier-ignore
const SPREAD: usize = memory.data<u8>([
  0, 128, 128, 1, 128, 128, 2, 128, 128, 3, 128, 128, 4, 128, 128, 5,
  128, 0, 128, 128, 1, 128, 128, 2, 128, 128, 3, 128, 128, 4, 128, 128,
  128, 128, 0, 128, 128, 1, 128, 128, 2, 128, 128, 3, 128, 128, 4, 128,
  128, 128, 6, 128, 128, 7, 128, 128, 8, 128, 128, 9, 128, 128, 10, 128,
  5, 128, 128, 6, 128, 128, 7, 128, 128, 8, 128, 128, 9, 128, 128, 10,
  128, 5, 128, 128, 6, 128, 128, 7, 128, 128, 8, 128, 128, 9, 128, 128,
  128, 11, 128, 128, 12, 128, 128, 13, 128, 128, 14, 128, 128, 15, 128, 128,
  128, 128, 11, 128, 128, 12, 128, 128, 13, 128, 128, 14, 128, 128, 15, 128,
  10, 128, 128, 11, 128, 128, 12, 128, 128, 13, 128, 128, 14, 128, 128, 15,
], 16);

// @ts-expect-error: decorator
@inline
function spread(red: v128, green: v128, blue: v128, masks: usize): v128 {
  return v128.or(
    v128.or(
      i8x16.swizzle(red, v128.load(masks)),
      i8x16.swizzle(green, v128.load(masks, 16)),
    ),
    i8x16.swizzle(blue, v128.load(masks, 32)),
  );
}

/** Sixteen pixels, 48 bytes. */
export function storeRgb(to: usize, red: v128, green: v128, blue: v128): void {
  v128.store(to, spread(red, green, blue, SPREAD));
  v128.store(to, spread(red, green, blue, SPREAD + 48), 16);
  v128.store(to, spread(red, green, blue, SPREAD + 96), 32);
}

// Green of eight pixels from luma and the two chroma differences, before clipping.
// @ts-expect-error: decorator
@inline
function green(y: v128, cb: v128, cr: v128): v128 {
  const factors = i16x8(-22554, 18734, -22554, 18734, -22554, 18734, -22554, 18734);
  const half = i32x4.splat(32768);
  const low = i32x4.dot_i16x8_s(v128.shuffle<i16>(cb, cr, 0, 8, 1, 9, 2, 10, 3, 11), factors);
  const high = i32x4.dot_i16x8_s(v128.shuffle<i16>(cb, cr, 4, 12, 5, 13, 6, 14, 7, 15), factors);
  const sum = i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(low, half), 16), i32x4.shr_s(i32x4.add(high, half), 16));
  return i16x8.add(i16x8.sub(y, cr), sum);
}

/** One row: luma bytes and chroma int16, both with room behind for whole vectors; `to` has room for 16 pixels. */
function convertRow(luma: usize, blueness: usize, redness: usize, to: usize, width: i32): void {
  const middle = i16x8.splat(128);
  for (let x = 0; x < width; x += 16, luma += 16, blueness += 32, redness += 32, to += 48) {
    const y = v128.load(luma);
    const y0 = i16x8.extend_low_i8x16_u(y);
    const y1 = i16x8.extend_high_i8x16_u(y);
    const cb0 = i16x8.sub(v128.load(blueness), middle);
    const cb1 = i16x8.sub(v128.load(blueness, 16), middle);
    const cr0 = i16x8.sub(v128.load(redness), middle);
    const cr1 = i16x8.sub(v128.load(redness, 16), middle);
    // 1.402 cr = cr + 0.402 cr, 1.772 cb = 2 cb - 0.228 cb; rounded as in 16 bits for all 256 levels.
    const r = i8x16.narrow_i16x8_u(
      i16x8.add(i16x8.add(y0, cr0), i16x8.q15mulr_sat_s(cr0, i16x8.splat(13172))),
      i16x8.add(i16x8.add(y1, cr1), i16x8.q15mulr_sat_s(cr1, i16x8.splat(13172))),
    );
    const b = i8x16.narrow_i16x8_u(
      i16x8.add(i16x8.add(y0, i16x8.add(cb0, cb0)), i16x8.q15mulr_sat_s(cb0, i16x8.splat(-7471))),
      i16x8.add(i16x8.add(y1, i16x8.add(cb1, cb1)), i16x8.q15mulr_sat_s(cb1, i16x8.splat(-7471))),
    );
    const g = i8x16.narrow_i16x8_u(green(y0, cb0, cr0), green(y1, cb1, cr1));
    storeRgb(to, r, g, b);
  }
}

// Sums of chroma columns, one int16 before the row and room for a vector behind.
// @ts-expect-error: decorator
@inline
function columnSums(near: usize, far: usize, to: usize, width: i32): void {
  const three = i16x8.splat(3);
  for (let x = 0; x < width; x += 16, near += 16, far += 16, to += 32) {
    const a = v128.load(near);
    const b = v128.load(far);
    v128.store(to, i16x8.add(i16x8.mul(i16x8.extend_low_i8x16_u(a), three), i16x8.extend_low_i8x16_u(b)));
    v128.store(to, i16x8.add(i16x8.mul(i16x8.extend_high_i8x16_u(a), three), i16x8.extend_high_i8x16_u(b)), 16);
  }
}

// Samples as int16.
// @ts-expect-error: decorator
@inline
function widen(from: usize, to: usize, width: i32): void {
  for (let x = 0; x < width; x += 16, from += 16, to += 32) {
    const a = v128.load(from);
    v128.store(to, i16x8.extend_low_i8x16_u(a));
    v128.store(to, i16x8.extend_high_i8x16_u(a), 16);
  }
}

// Doubles a row: 3/4 of the nearer and 1/4 of the farther neighbour; the two roundings are libjpeg's dithering.
// @ts-expect-error: decorator
@inline
function double(sums: usize, to: usize, width: i32, even: i32, odd: i32, shift: i32): void {
  // Beyond the edges the neighbour is the edge itself.
  store<i16>(sums - 2, load<i16>(sums));
  store<i16>(sums + (<usize>width << 1), load<i16>(sums + (<usize>width << 1) - 2));
  const three = i16x8.splat(3);
  const first = i16x8.splat(<i16>even);
  const second = i16x8.splat(<i16>odd);
  for (let x = 0; x < width; x += 8, sums += 16, to += 32) {
    const here = i16x8.mul(v128.load(sums), three);
    const left = i16x8.shr_u(i16x8.add(i16x8.add(here, v128.load(sums - 2)), first), shift);
    const right = i16x8.shr_u(i16x8.add(i16x8.add(here, v128.load(sums, 2)), second), shift);
    v128.store(to, v128.shuffle<i16>(left, right, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(to, v128.shuffle<i16>(left, right, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  }
}

/**
 * Rows [first, last) of a colour image.
 *
 * @param h, v how often chroma is stretched: 1x1, 2x1 or 2x2
 * @param chromaWidth, chromaHeight its size without padding
 * @param scratch 3 rows of int16: 2 * (luma stride) + 96 bytes each
 */
export function colourRows(
  first: i32, last: i32, width: i32,
  luma: usize, lumaStride: usize,
  blueness: usize, redness: usize, chromaStride: usize, chromaWidth: i32, chromaHeight: i32,
  h: i32, v: i32, scratch: usize, to: usize,
): void {
  const room: usize = 2 * lumaStride + 96;
  const sums = scratch + 16;
  const cb = scratch + room;
  const cr = scratch + 2 * room;
  for (let y = first; y < last; y++) {
    const row = v == 2 ? y >> 1 : y;
    const near = <usize>row * chromaStride;
    if (h == 1) {
      widen(blueness + near, cb, width);
      widen(redness + near, cr, width);
    } else if (v == 1) {
      widen(blueness + near, sums, chromaWidth);
      double(sums, cb, chromaWidth, 1, 2, 2);
      widen(redness + near, sums, chromaWidth);
      double(sums, cr, chromaWidth, 1, 2, 2);
    } else {
      const other = max(min(y & 1 ? row + 1 : row - 1, chromaHeight - 1), 0);
      const far = <usize>other * chromaStride;
      columnSums(blueness + near, blueness + far, sums, chromaWidth);
      double(sums, cb, chromaWidth, 8, 7, 4);
      columnSums(redness + near, redness + far, sums, chromaWidth);
      double(sums, cr, chromaWidth, 8, 7, 4);
    }
    convertRow(luma + <usize>y * lumaStride, cb, cr, to + <usize>y * <usize>width * 3, width);
  }
}

/** Rows [first, last) of a grey image, as RGB. */
export function greyRows(first: i32, last: i32, width: i32, luma: usize, stride: usize, to: usize): void {
  for (let y = first; y < last; y++) {
    let from = luma + <usize>y * stride;
    let out = to + <usize>y * <usize>width * 3;
    for (let x = 0; x < width; x += 16, from += 16, out += 48) {
      const level = v128.load(from);
      storeRgb(out, level, level, level);
    }
  }
}
