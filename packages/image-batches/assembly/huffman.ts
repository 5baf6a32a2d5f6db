// Huffman tables of a JPEG, as one look-up of the next LOOK bits that yields a whole coefficient where its code and
// its extra bits fit, and the canonical search of the standard where they do not.

export const LOOK: i32 = 11;
/** Bytes of a table: entries, then largest code and symbol offset of each length, then the 256 symbols. */
const TABLE_BYTES: usize = (4 << LOOK) + 2 * 72 + 256;
const LARGEST: usize = 4 << LOOK;
const OFFSET: usize = LARGEST + 72;
const SYMBOLS: usize = OFFSET + 72;
/** The run that an entry gives for "end of block": it leads past the 64 coefficients. */
export const END_OF_BLOCK: i32 = 64;

export function tableBytes(): usize {
  return TABLE_BYTES;
}

/**
 * Fills a table from a DHT segment: 16 counts and the symbols behind them. An entry is value << 16 | run << 8 |
 * length; length 0 sends the reader to `slowSymbol`.
 *
 * @returns 0, or 1 for codes that no JPEG may have
 */
export function buildTable(table: usize, segment: usize, dc: i32): i32 {
  const symbols = segment + 16;
  memory.fill(table, 0, TABLE_BYTES);
  let code = 0;
  let at = 0;
  for (let length = 1; length <= 16; length++) {
    const count = <i32>load<u8>(segment + length - 1);
    store<i32>(table + OFFSET + (length << 2), at - code);
    for (let i = 0; i < count; i++, code++, at++) {
      if (code >= 1 << length || at > 255) return 1;
      const symbol = <i32>load<u8>(symbols + at);
      store<u8>(table + SYMBOLS + at, <u8>symbol);
      if (dc && symbol > 15) return 1;
      if (length <= LOOK) fill(table, code, length, symbol, dc);
    }
    // One more than the largest code of this length, left-aligned to 16 bits.
    store<i32>(table + LARGEST + (length << 2), code << (16 - length));
    code <<= 1;
  }
  return 0;
}

function fill(table: usize, code: i32, length: i32, symbol: i32, dc: i32): void {
  const size = symbol & 15;
  const run = symbol >> 4;
  const first = code << (LOOK - length);
  const last = (code + 1) << (LOOK - length);
  const rest = LOOK - length - size;
  if (rest < 0) return;
  for (let bits = first; bits < last; bits++) {
    let value = 0;
    let skip = run;
    if (size) {
      value = (bits >> rest) & ((1 << size) - 1);
      if (value < 1 << (size - 1)) value += 1 - (1 << size);
    } else if (!dc && run != 15) {
      skip = END_OF_BLOCK;
    }
    store<i32>(table + (bits << 2), (value << 16) | (skip << 8) | (length + size));
  }
}

/** The symbol of the code at the top of `bits` and its length, symbol << 8 | length; 0 where no code fits. */
export function slowSymbol(table: usize, bits: u64): i32 {
  const window = <i32>(bits >> 48);
  for (let length = 1; length <= 16; length++) {
    if (window < load<i32>(table + LARGEST + (length << 2))) {
      const at = (window >> (16 - length)) + load<i32>(table + OFFSET + (length << 2));
      return ((<i32>load<u8>(table + SYMBOLS + at)) << 8) | length;
    }
  }
  return 0;
}
