// The one scan of a baseline JPEG: entropy decoding and inverse DCT of all blocks into sample planes.
import { ZIGZAG } from "./constants";
import { END_OF_BLOCK, LOOK, slowSymbol } from "./huffman";
import { flatBlock, inverseDct } from "./inverse-dct";

// Where the decoder stands; one image at a time.
let source: usize = 0;
let sourceEnd: usize = 0;
// The entropy-coded bytes of a restart interval, unstuffed and in reverse order below `top`, so that a little-endian
// load of the next eight has the first of them on top.
let top: usize = 0;
let floor: usize = 0;

const BLOCK: usize = memory.data(128, 16);
const PREDICTIONS: usize = memory.data(16, 16);

/** Blocks of one MCU, 32 bytes each: component, quantization, DC table, AC table, target, its steps per MCU and row. */
const UNITS: usize = memory.data(32 * 12, 16);

export function units(): usize {
  return UNITS;
}

/** Copies bytes up to the next marker below `top`; `source` stands on the marker then. 0 where there is none. */
function nextSegment(): i32 {
  let from = source;
  const end = sourceEnd;
  let to = top;
  while (from + 17 <= end) {
    const bytes = v128.load(from);
    if (!v128.any_true(i8x16.eq(bytes, i8x16.splat(-1)))) {
      to -= 16;
      v128.store(to, v128.shuffle<u8>(bytes, bytes, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
      from += 16;
      continue;
    }
    for (const stop = from + 16; from < stop; from++) {
      const byte = load<u8>(from);
      store<u8>(--to, byte);
      if (byte != 0xff) continue;
      if (load<u8>(from, 1) != 0) {
        source = from;
        floor = to + 1;
        return 1;
      }
      from++;
    }
  }
  for (; from + 1 < end; from++) {
    const byte = load<u8>(from);
    store<u8>(--to, byte);
    if (byte != 0xff) continue;
    if (load<u8>(from, 1) != 0) {
      source = from;
      floor = to + 1;
      return 1;
    }
    from++;
  }
  return 0;
}

/**
 * @param from the first byte behind the scan's header, `end` that behind the file
 * @param stream upper end of a buffer of (end - from) bytes and 4096 more
 * @returns 1, or 0 where the file is not as expected: then somebody more patient must read it
 */
export function beginScan(from: usize, end: usize, stream: usize): i32 {
  source = from;
  sourceEnd = end;
  top = stream;
  at = top;
  buffer = 0;
  bits = 0;
  sinceRestart = 0;
  restarts = 0;
  memory.fill(PREDICTIONS, 0, 16);
  return nextSegment();
}

let at: usize = 0;
let buffer: u64 = 0;
let bits: i32 = 0;
let sinceRestart: i32 = 0;
let restarts: i32 = 0;

/** Begins the next restart interval; 0 where the marker is not the one that is due. */
function restart(): i32 {
  const marker = 0xd0 + (restarts & 7);
  if (load<u8>(source, 1) != marker) return 0;
  restarts++;
  source += 2;
  if (!nextSegment()) return 0;
  at = top;
  buffer = 0;
  bits = 0;
  sinceRestart = 0;
  memory.fill(PREDICTIONS, 0, 16);
  return 1;
}

/** Whether the scan ended where it should, at the end marker of the file. */
export function endScan(): i32 {
  return load<u8>(source, 1) == 0xd9 ? 1 : 0;
}

/**
 * Decodes one row of MCUs.
 *
 * @param blocks entries of `UNITS` in use
 * @param interval MCUs between restart markers, 0 without
 * @returns 1, or 0 on anything unexpected
 */
export function scanRow(row: i32, across: i32, blocks: i32, interval: i32): i32 {
  let from = at;
  let window = buffer;
  let have = bits;
  const units = UNITS;
  const zigzag = ZIGZAG;
  for (let mcu = 0; mcu < across; mcu++) {
    if (interval && sinceRestart == interval) {
      if (((<i32>(top - from)) << 3) - have > (<i32>(top - floor)) << 3) return 0;
      if (!restart()) return 0;
      from = at;
      window = 0;
      have = 0;
    }
    sinceRestart++;
    for (let unit = units, last = units + ((<usize>blocks) << 5); unit < last; unit += 32) {
      const dc = <usize>load<u32>(unit, 8);
      const ac = <usize>load<u32>(unit, 12);
      v128.store(BLOCK, i64x2.splat(0));
      v128.store(BLOCK, i64x2.splat(0), 16);
      v128.store(BLOCK, i64x2.splat(0), 32);
      v128.store(BLOCK, i64x2.splat(0), 48);
      v128.store(BLOCK, i64x2.splat(0), 64);
      v128.store(BLOCK, i64x2.splat(0), 80);
      v128.store(BLOCK, i64x2.splat(0), 96);
      v128.store(BLOCK, i64x2.splat(0), 112);
      // DC difference.
      if (have < 32) {
        window |= load<u64>(from - 8) >> <u64>have;
        from -= (63 - have) >> 3;
        have |= 56;
      }
      let entry = load<i32>(dc + ((<usize>(window >> (64 - LOOK))) << 2));
      let length = entry & 255;
      let difference: i32;
      if (length) {
        window <<= <u64>length;
        have -= length;
        difference = entry >> 16;
      } else {
        entry = slowSymbol(dc, window);
        if (!entry) return 0;
        length = entry & 255;
        const size = entry >> 8;
        window <<= <u64>length;
        have -= length + size;
        difference = 0;
        if (size) {
          difference = <i32>(window >> <u64>(64 - size));
          if (difference < 1 << (size - 1)) difference += 1 - (1 << size);
          window <<= <u64>size;
        }
      }
      const prediction = PREDICTIONS + ((<usize>load<u32>(unit)) << 2);
      const level = load<i32>(prediction) + difference;
      store<i32>(prediction, level);
      store<i16>(BLOCK, <i16>level);
      // AC coefficients.
      let k = 1;
      let reached = 0;
      while (k < 64) {
        if (have < 32) {
          window |= load<u64>(from - 8) >> <u64>have;
          from -= (63 - have) >> 3;
          have |= 56;
        }
        entry = load<i32>(ac + ((<usize>(window >> (64 - LOOK))) << 2));
        length = entry & 255;
        if (length) {
          window <<= <u64>length;
          have -= length;
          k += (entry >> 8) & 255;
          if (k > 63) {
            if (((entry >> 8) & 255) != END_OF_BLOCK) return 0;
            break;
          }
          store<i16>(BLOCK + load<u8>(zigzag + k), <i16>(entry >> 16));
          reached = k;
          k++;
          continue;
        }
        entry = slowSymbol(ac, window);
        if (!entry) return 0;
        length = entry & 255;
        const size = (entry >> 8) & 15;
        const run = entry >> 12;
        window <<= <u64>length;
        have -= length + size;
        if (!size) {
          if (run != 15) break;
          k += 16;
          if (k > 64) return 0;
          continue;
        }
        k += run;
        if (k > 63) return 0;
        let value = <i32>(window >> <u64>(64 - size));
        if (value < 1 << (size - 1)) value += 1 - (1 << size);
        window <<= <u64>size;
        store<i16>(BLOCK + load<u8>(zigzag + k), <i16>value);
        reached = k;
        k++;
      }
      const quant = <usize>load<u32>(unit, 4);
      const stride = <usize>load<u32>(unit, 28);
      const to =
        <usize>load<u32>(unit, 16) +
        <usize>mcu * <usize>load<u32>(unit, 20) +
        <usize>row * <usize>load<u32>(unit, 24);
      if (reached) inverseDct(BLOCK, quant, to, stride);
      else flatBlock(<i32>(<i16>level) * <i32>load<i16>(quant), to, stride);
    }
    // Read past the end: what follows is made up of other bytes.
    if (from + 8 < floor) return 0;
  }
  if (((<i32>(top - from)) << 3) - have > (<i32>(top - floor)) << 3) return 0;
  at = from;
  buffer = window;
  bits = have;
  return 1;
}
