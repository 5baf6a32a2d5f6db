/** A component of a JPEG: how finely it is sampled and the tables that its blocks use. */
export type JpegComponent = { id: number; h: number; v: number; quant: number; dc: number; ac: number };

/** What the markers before the scan of a baseline JPEG say. */
export type JpegHeader = {
  width: number;
  height: number;
  components: JpegComponent[];
  /** Offsets of the quantization tables' 64 bytes (in zigzag order), by number. */
  quants: (number | undefined)[];
  /** Offsets of the Huffman tables' 16 counts, by number: DC, then AC. */
  dcTables: (number | undefined)[];
  acTables: (number | undefined)[];
  /** MCUs between restart markers; 0 without. */
  interval: number;
  /** Whether libjpeg takes three components for YCbCr (rather than RGB). */
  ycc: boolean;
  /** First byte of entropy-coded data. */
  scan: number;
};

/**
 * Reads the header of a JPEG with one baseline scan of all components, strictly: undefined for every other kind of
 * file, and for everything that a tolerant decoder would warn about.
 */
export function readJpegHeader(file: Uint8Array): JpegHeader | undefined {
  if (file.length < 4 || file[0] !== 0xff || file[1] !== 0xd8) return undefined;
  const header: JpegHeader = {
    width: 0,
    height: 0,
    components: [],
    quants: [],
    dcTables: [],
    acTables: [],
    interval: 0,
    ycc: true,
    scan: 0,
  };
  let jfif = false;
  let adobe: number | undefined;
  for (let at = 2; at + 4 <= file.length; ) {
    if (file[at] !== 0xff) return undefined;
    const marker = file[at + 1]!;
    const length = word(file, at + 2);
    const from = at + 4;
    const end = at + 2 + length;
    if (length < 2 || end > file.length) return undefined;
    at = end;
    if (marker === 0xdb) {
      if (!readQuants(file, from, end, header)) return undefined;
    } else if (marker === 0xc4) {
      if (!readTables(file, from, end, header)) return undefined;
    } else if (marker === 0xc0 || marker === 0xc1) {
      if (header.width || !readFrame(file, from, end, header)) return undefined;
    } else if (marker === 0xdd) {
      if (end - from !== 2) return undefined;
      header.interval = word(file, from);
    } else if (marker === 0xe0) {
      // libjpeg treats a shorter one as a marker of another program.
      jfif ||= text(file, from, end, 5) === "JFIF\0" && end - from >= 14;
    } else if (marker === 0xee) {
      if (text(file, from, end, 5) === "Adobe" && end - from >= 12) adobe = file[from + 11]!;
    } else if (marker === 0xda) {
      if (!readScan(file, from, end, header)) return undefined;
      header.scan = end;
      header.ycc = isYcc(header, jfif, adobe);
      return header;
    } else if (!(marker >= 0xe1 && marker <= 0xef) && marker !== 0xfe) {
      // Progressive, arithmetic, lossless, 12 bits, hierarchical …
      return undefined;
    }
  }
  return undefined;
}

function word(file: Uint8Array, at: number): number {
  return (file[at]! << 8) | file[at + 1]!;
}

function text(file: Uint8Array, from: number, end: number, length: number): string {
  return String.fromCharCode(...file.subarray(from, Math.min(from + length, end)));
}

function readQuants(file: Uint8Array, from: number, end: number, { quants }: JpegHeader): boolean {
  let at = from;
  for (; at < end; at += 65) {
    // The upper half is the precision: 1 for 16 bits.
    if (file[at]! > 3) return false;
    quants[file[at]!] = at + 1;
  }
  return at === end;
}

function readTables(
  file: Uint8Array,
  from: number,
  end: number,
  { dcTables, acTables }: JpegHeader,
): boolean {
  let at = from;
  while (at + 17 <= end) {
    const number = file[at]! & 15;
    const kind = file[at]! >> 4;
    if (number > 3 || kind > 1) return false;
    (kind ? acTables : dcTables)[number] = at + 1;
    let symbols = 0;
    let code = 0;
    for (let length = 1; length <= 16; length++) {
      const count = file[at + length]!;
      symbols += count;
      code = code * 2 + count;
      // No code may be all ones.
      if (count > 0 && code >= 1 << length) return false;
    }
    if (symbols > 256) return false;
    at += 17 + symbols;
  }
  return at === end;
}

function readFrame(file: Uint8Array, from: number, end: number, header: JpegHeader): boolean {
  if (end - from < 6) return false;
  const count = file[from + 5]!;
  if (file[from] !== 8 || end - from !== 6 + 3 * count) return false;
  header.height = word(file, from + 1);
  header.width = word(file, from + 3);
  for (let at = from + 6; at < end; at += 3) {
    const [h, v] = [file[at + 1]! >> 4, file[at + 1]! & 15];
    if (h < 1 || h > 4 || v < 1 || v > 4) return false;
    header.components.push({ id: file[at]!, h, v, quant: file[at + 2]!, dc: 0, ac: 0 });
  }
  return header.width > 0 && header.height > 0;
}

function readScan(file: Uint8Array, from: number, end: number, { components }: JpegHeader): boolean {
  const count = components.length;
  if (count === 0 || file[from] !== count || end - from !== 4 + 2 * count) return false;
  for (const [i, component] of components.entries()) {
    if (file[from + 1 + 2 * i] !== component.id) return false;
    const tables = file[from + 2 + 2 * i]!;
    component.dc = tables >> 4;
    component.ac = tables & 15;
  }
  // All 64 coefficients, at full precision.
  return file[end - 3] === 0 && file[end - 2] === 63 && file[end - 1] === 0;
}

/** jdapimin.c, default_decompress_parms: JFIF decides, then Adobe's marker, then the component ids. */
function isYcc({ components }: JpegHeader, jfif: boolean, adobe: number | undefined): boolean {
  if (jfif) return true;
  if (adobe !== undefined) return adobe !== 0;
  return components.map(({ id }) => String.fromCharCode(id)).join("") !== "RGB";
}
