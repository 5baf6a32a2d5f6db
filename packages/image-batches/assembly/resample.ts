// The two passes of Pillow's resize on RGB bytes. Weights have 22 bits, too many for 16-bit multiply-and-add, so each
// is split: k = high * 2^12 + low with low in 0 ... 4095; sums of both parts are exact in 32 bits.

const SPLIT: i32 = 12;

// Taps 0 and 1 (then 2 and 3) of four RGB pixels as pairs: r0 r1, g0 g1, b0 b1, 0 0.
// prettier-ignore
const TAPS: usize = memory.data<u8>([
  0, 128, 3, 128, 1, 128, 4, 128, 2, 128, 5, 128, 128, 128, 128, 128,
  6, 128, 9, 128, 7, 128, 10, 128, 8, 128, 11, 128, 128, 128, 128, 128,
], 16);

// Rounds the sum and brings it back to 8 bits: four samples in the lowest bytes.
// @ts-expect-error: decorator
@inline
function finish(high: v128, low: v128): v128 {
  const sum = i32x4.add(i32x4.add(i32x4.shl(high, SPLIT), low), i32x4.splat(1 << 21));
  const words = i16x8.narrow_i32x4_s(i32x4.shr_s(sum, 22), i32x4.splat(0));
  return i8x16.narrow_i16x8_u(words, words);
}

// One row of outputs of at most four taps.
// @ts-expect-error: decorator
@inline
function fourTaps(from: usize, to: usize, entry: usize, outWidth: i32): void {
  const m01 = v128.load(TAPS);
  const m23 = v128.load(TAPS, 16);
  for (let x = 0; x < outWidth; x++, entry += 20, to += 3) {
    const pixels = v128.load(from + <usize>load<u32>(entry));
    const p01 = i8x16.swizzle(pixels, m01);
    const p23 = i8x16.swizzle(pixels, m23);
    const high = i32x4.add(
      i32x4.dot_i16x8_s(p01, v128.load32_splat(entry, 4)),
      i32x4.dot_i16x8_s(p23, v128.load32_splat(entry, 12)),
    );
    const low = i32x4.add(
      i32x4.dot_i16x8_s(p01, v128.load32_splat(entry, 8)),
      i32x4.dot_i16x8_s(p23, v128.load32_splat(entry, 16)),
    );
    v128.store32_lane(to, finish(high, low), 0);
  }
}

/**
 * Horizontal pass. An entry of the table per output pixel: byte offset of its first tap, then for each group of four
 * taps the pairs high01, low01, high23, low23. Up to 4 bytes past the end of `to` are written and 16 past `from` read.
 */
export function resampleRows(
  from: usize, to: usize, rows: i32, inWidth: i32, outWidth: i32, table: usize, groups: i32,
): void {
  const inStride = <usize>inWidth * 3;
  const outStride = <usize>outWidth * 3;
  const m01 = v128.load(TAPS);
  const m23 = v128.load(TAPS, 16);
  for (let row = 0; row < rows; row++, from += inStride, to += outStride) {
    if (groups == 1) {
      fourTaps(from, to, table, outWidth);
      continue;
    }
    let entry = table;
    let out = to;
    for (let x = 0; x < outWidth; x++, out += 3) {
      let at = from + <usize>load<u32>(entry);
      entry += 4;
      let high = i32x4.splat(0);
      let low = i32x4.splat(0);
      for (let group = 0; group < groups; group++, at += 12, entry += 16) {
        const pixels = v128.load(at);
        const p01 = i8x16.swizzle(pixels, m01);
        const p23 = i8x16.swizzle(pixels, m23);
        high = i32x4.add(high, i32x4.dot_i16x8_s(p01, v128.load32_splat(entry)));
        low = i32x4.add(low, i32x4.dot_i16x8_s(p01, v128.load32_splat(entry, 4)));
        high = i32x4.add(high, i32x4.dot_i16x8_s(p23, v128.load32_splat(entry, 8)));
        low = i32x4.add(low, i32x4.dot_i16x8_s(p23, v128.load32_splat(entry, 12)));
      }
      v128.store32_lane(out, finish(high, low), 0);
    }
  }
}

// Sixteen samples of one output row; `taps` pairs of rows.
// @ts-expect-error: decorator
@inline
function sixteen(from: usize, stride: usize, pair: usize, pairs: i32): v128 {
  let h0 = i32x4.splat(0);
  let h1 = h0;
  let h2 = h0;
  let h3 = h0;
  let l0 = i32x4.splat(1 << 21);
  let l1 = l0;
  let l2 = l0;
  let l3 = l0;
  for (let i = 0; i < pairs; i++, pair += 16) {
    const a = v128.load(from + <usize>load<u32>(pair) * stride);
    const b = v128.load(from + <usize>load<u32>(pair, 4) * stride);
    const high = v128.load32_splat(pair, 8);
    const low = v128.load32_splat(pair, 12);
    const front = v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const back = v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const p0 = i16x8.extend_low_i8x16_u(front);
    const p1 = i16x8.extend_high_i8x16_u(front);
    const p2 = i16x8.extend_low_i8x16_u(back);
    const p3 = i16x8.extend_high_i8x16_u(back);
    h0 = i32x4.add(h0, i32x4.dot_i16x8_s(p0, high));
    l0 = i32x4.add(l0, i32x4.dot_i16x8_s(p0, low));
    h1 = i32x4.add(h1, i32x4.dot_i16x8_s(p1, high));
    l1 = i32x4.add(l1, i32x4.dot_i16x8_s(p1, low));
    h2 = i32x4.add(h2, i32x4.dot_i16x8_s(p2, high));
    l2 = i32x4.add(l2, i32x4.dot_i16x8_s(p2, low));
    h3 = i32x4.add(h3, i32x4.dot_i16x8_s(p3, high));
    l3 = i32x4.add(l3, i32x4.dot_i16x8_s(p3, low));
  }
  return i8x16.narrow_i16x8_u(
    i16x8.narrow_i32x4_s(
      i32x4.shr_s(i32x4.add(i32x4.shl(h0, SPLIT), l0), 22),
      i32x4.shr_s(i32x4.add(i32x4.shl(h1, SPLIT), l1), 22),
    ),
    i16x8.narrow_i32x4_s(
      i32x4.shr_s(i32x4.add(i32x4.shl(h2, SPLIT), l2), 22),
      i32x4.shr_s(i32x4.add(i32x4.shl(h3, SPLIT), l3), 22),
    ),
  );
}

/**
 * Vertical pass over rows of `stride` bytes. An entry of the table per output row: for each pair of taps their rows and
 * the weights high, low. Up to 16 bytes past both images are used.
 */
export function resampleColumns(from: usize, to: usize, outHeight: i32, stride: i32, table: usize, pairs: i32): void {
  for (let y = 0; y < outHeight; y++, table += <usize>pairs << 4, to += stride) {
    if (pairs == 1) {
      for (let i = 0; i < stride; i += 16) v128.store(to + i, sixteen(from + i, stride, table, 1));
    } else if (pairs == 2) {
      for (let i = 0; i < stride; i += 16) v128.store(to + i, sixteen(from + i, stride, table, 2));
    } else {
      for (let i = 0; i < stride; i += 16) v128.store(to + i, sixteen(from + i, stride, table, pairs));
    }
  }
}
