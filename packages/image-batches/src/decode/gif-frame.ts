/** What the first frame of a GIF says of itself. */
export interface GifFrame {
  width: number;
  height: number;
  /** The most pixels that its compressed bytes can give. */
  mostPixels: number;
}

/** Entries of an LZW table: the most pixels that one code stands for. */
const LONGEST_CODE = 4096;
/** Of the header with the size of the canvas, and of the head of a frame. */
const [HEADER, FRAME_HEAD] = [13, 10];
const [EXTENSION, FRAME] = [0x21, 0x2c];

/**
 * The first frame of a GIF, without decoding it: a decoder reserves and clears memory for all pixels that a frame
 * promises before it looks whether there are any. Undefined where the blocks of the file are not sound as far as that.
 *
 * @see https://www.w3.org/Graphics/GIF/spec-gif89a.txt
 */
export function gifFrame(file: Uint8Array): GifFrame | undefined {
  let at = HEADER + colourTable(file[10] ?? 0);
  while (file[at] === EXTENSION) at = afterBlocks(file, at + 2).at;
  if (file[at] !== FRAME || at + FRAME_HEAD >= file.length) return undefined;
  const word = (offset: number): number => file[at + offset]! | (file[at + offset + 1]! << 8);
  const [width, height] = [word(5), word(7)];
  const data = at + FRAME_HEAD + colourTable(file[at + 9]!);
  const bits = 1 + (file[data] ?? 0); // of the shortest code
  const { bytes } = afterBlocks(file, data + 1);
  const codes = Math.floor((8 * bytes) / bits);
  // The n-th code stands for at most n pixels, as each code makes the longest entry of the table one longer.
  return { width, height, mostPixels: codes * Math.min(codes, LONGEST_CODE) };
}

/** Bytes of the colour table that a field of flags announces. */
function colourTable(flags: number): number {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

/** Where the data blocks at `at` end, and how many bytes they hold. */
function afterBlocks(file: Uint8Array, at: number): { at: number; bytes: number } {
  let bytes = 0;
  while (at < file.length) {
    const length = file[at]!;
    at += 1 + length;
    if (length === 0) break;
    bytes += length;
  }
  return { at, bytes };
}
