// Operations on the levels of single samples.
import { storeRgb } from "./colour";

/** Inverts the samples of at least `threshold`, then keeps the bits of `mask`: invert, solarize and posterize. */
export function invertAbove(from: usize, to: usize, count: i32, threshold: i32, mask: i32): void {
  const least = i8x16.splat(<i8>threshold);
  const bits = i8x16.splat(<i8>mask);
  // No sample reaches 256.
  const any = i8x16.splat(threshold > 255 ? 0 : -1);
  for (let i = 0; i < count; i += 16) {
    const levels = v128.load(from + i);
    const flip = v128.and(i8x16.ge_u(levels, least), any);
    v128.store(to + i, v128.and(v128.xor(levels, flip), bits));
  }
}

/** Replaces the levels of each channel by those of its table, three tables of 256 bytes. */
export function mapLevels(from: usize, to: usize, pixels: i32, tables: usize): void {
  const green = tables + 256;
  const blue = tables + 512;
  // Four pixels at a time: three words are read and written.
  for (; pixels >= 4; pixels -= 4, from += 12, to += 12) {
    const a = load<u32>(from);
    const b = load<u32>(from, 4);
    const c = load<u32>(from, 8);
    store<u32>(
      to,
      <u32>load<u8>(tables + (a & 255)) |
        (<u32>load<u8>(green + ((a >> 8) & 255)) << 8) |
        (<u32>load<u8>(blue + ((a >> 16) & 255)) << 16) |
        (<u32>load<u8>(tables + (a >> 24)) << 24),
    );
    store<u32>(
      to,
      <u32>load<u8>(green + (b & 255)) |
        (<u32>load<u8>(blue + ((b >> 8) & 255)) << 8) |
        (<u32>load<u8>(tables + ((b >> 16) & 255)) << 16) |
        (<u32>load<u8>(green + (b >> 24)) << 24),
      4,
    );
    store<u32>(
      to,
      <u32>load<u8>(blue + (c & 255)) |
        (<u32>load<u8>(tables + ((c >> 8) & 255)) << 8) |
        (<u32>load<u8>(green + ((c >> 16) & 255)) << 16) |
        (<u32>load<u8>(blue + (c >> 24)) << 24),
      8,
    );
  }
  for (; pixels > 0; pixels--, from += 3, to += 3) {
    store<u8>(to, load<u8>(tables + load<u8>(from)));
    store<u8>(to, load<u8>(green + load<u8>(from, 1)), 1);
    store<u8>(to, load<u8>(blue + load<u8>(from, 2)), 2);
  }
}

/** Counts the levels of the three channels into 768 words, red first. */
export function countLevels(from: usize, pixels: i32, counts: usize): void {
  memory.fill(counts, 0, 3072);
  const green = counts + 1024;
  const blue = counts + 2048;
  for (let i = 0; i < pixels; i++, from += 3) {
    const r = counts + (<usize>load<u8>(from) << 2);
    const g = green + (<usize>load<u8>(from, 1) << 2);
    const b = blue + (<usize>load<u8>(from, 2) << 2);
    store<u32>(r, load<u32>(r) + 1);
    store<u32>(g, load<u32>(g) + 1);
    store<u32>(b, load<u32>(b) + 1);
  }
}

// Red, green and blue of sixteen pixels out of 48 bytes: one mask per vector and channel.
// prettier-ignore
const GATHER: usize = memory.data<u8>([
  0, 3, 6, 9, 12, 15, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
  128, 128, 128, 128, 128, 128, 2, 5, 8, 11, 14, 128, 128, 128, 128, 128,
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1, 4, 7, 10, 13,
  1, 4, 7, 10, 13, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
  128, 128, 128, 128, 128, 0, 3, 6, 9, 12, 15, 128, 128, 128, 128, 128,
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 2, 5, 8, 11, 14,
  2, 5, 8, 11, 14, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
  128, 128, 128, 128, 128, 1, 4, 7, 10, 13, 128, 128, 128, 128, 128, 128,
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 3, 6, 9, 12, 15,
], 16);

// @ts-expect-error: decorator
@inline
function gather(a: v128, b: v128, c: v128, masks: usize): v128 {
  return v128.or(
    v128.or(i8x16.swizzle(a, v128.load(masks)), i8x16.swizzle(b, v128.load(masks, 16))),
    i8x16.swizzle(c, v128.load(masks, 32)),
  );
}

// (19595 r + 38470 g + 7471 b + 32768) >> 16 of four pixels; 38470 = 65536 - 27066.
// @ts-expect-error: decorator
@inline
function luma(redGreen: v128, blueOne: v128, green: v128): v128 {
  const sum = i32x4.add(
    i32x4.dot_i16x8_s(redGreen, i16x8(19595, -27066, 19595, -27066, 19595, -27066, 19595, -27066)),
    i32x4.dot_i16x8_s(blueOne, i16x8(7471, 16384, 7471, 16384, 7471, 16384, 7471, 16384)),
  );
  return i32x4.add(i32x4.shr_s(sum, 16), green);
}

// @ts-expect-error: decorator
@inline
function greys(from: usize): v128 {
  const a = v128.load(from);
  const b = v128.load(from, 16);
  const c = v128.load(from, 32);
  const red = gather(a, b, c, GATHER);
  const green = gather(a, b, c, GATHER + 48);
  const blue = gather(a, b, c, GATHER + 96);
  const two = i16x8.splat(2);
  const r0 = i16x8.extend_low_i8x16_u(red);
  const g0 = i16x8.extend_low_i8x16_u(green);
  const b0 = i16x8.extend_low_i8x16_u(blue);
  const r1 = i16x8.extend_high_i8x16_u(red);
  const g1 = i16x8.extend_high_i8x16_u(green);
  const b1 = i16x8.extend_high_i8x16_u(blue);
  const l0 = luma(
    v128.shuffle<i16>(r0, g0, 0, 8, 1, 9, 2, 10, 3, 11),
    v128.shuffle<i16>(b0, two, 0, 8, 1, 9, 2, 10, 3, 11),
    i32x4.extend_low_i16x8_u(g0),
  );
  const l1 = luma(
    v128.shuffle<i16>(r0, g0, 4, 12, 5, 13, 6, 14, 7, 15),
    v128.shuffle<i16>(b0, two, 4, 12, 5, 13, 6, 14, 7, 15),
    i32x4.extend_high_i16x8_u(g0),
  );
  const l2 = luma(
    v128.shuffle<i16>(r1, g1, 0, 8, 1, 9, 2, 10, 3, 11),
    v128.shuffle<i16>(b1, two, 0, 8, 1, 9, 2, 10, 3, 11),
    i32x4.extend_low_i16x8_u(g1),
  );
  const l3 = luma(
    v128.shuffle<i16>(r1, g1, 4, 12, 5, 13, 6, 14, 7, 15),
    v128.shuffle<i16>(b1, two, 4, 12, 5, 13, 6, 14, 7, 15),
    i32x4.extend_high_i16x8_u(g1),
  );
  return i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(l0, l1), i16x8.narrow_i32x4_s(l2, l3));
}

/** The image's luma, as RGB. */
export function toGrey(from: usize, to: usize, pixels: i32): void {
  for (let i = 0; i < pixels; i += 16, from += 48, to += 48) {
    const level = greys(from);
    storeRgb(to, level, level, level);
  }
}

/** The sum of the image's luma. */
export function sumLuma(from: usize, pixels: i32): f64 {
  let sum: i64 = 0;
  for (; pixels >= 16; pixels -= 16, from += 48) {
    const pairs = i16x8.extadd_pairwise_i8x16_u(greys(from));
    const fours = i32x4.extadd_pairwise_i16x8_u(pairs);
    sum += i32x4.extract_lane(fours, 0) + i32x4.extract_lane(fours, 1);
    sum += i32x4.extract_lane(fours, 2) + i32x4.extract_lane(fours, 3);
  }
  for (; pixels > 0; pixels--, from += 3) {
    const red = <u32>load<u8>(from) * 19595;
    sum += (red + <u32>load<u8>(from, 1) * 38470 + <u32>load<u8>(from, 2) * 7471 + 0x8000) >> 16;
  }
  return <f64>sum;
}
