import { emptyLike, type Image } from "../image.js";

/** A new picture with level v of channel c replaced by tables[c][v]; one table serves all three channels. */
export function mapLevels(image: Image, tables: Uint8Array | readonly Uint8Array[]): Image {
  const [red, green, blue] = tables instanceof Uint8Array ? [tables, tables, tables] : tables;
  const out = emptyLike(image);
  const from = image.data;
  const to = out.data;
  for (let i = 0; i < from.length; i += 3) {
    to[i] = red![from[i]!]!;
    to[i + 1] = green![from[i + 1]!]!;
    to[i + 2] = blue![from[i + 2]!]!;
  }
  return out;
}

/** The table of `map` over the 256 levels. */
export function levelTable(map: (level: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, level) => map(level));
}

/** Level counts of the three channels, each [256]. */
export function histograms({ data }: Image): [Uint32Array, Uint32Array, Uint32Array] {
  const red = new Uint32Array(256);
  const green = new Uint32Array(256);
  const blue = new Uint32Array(256);
  for (let i = 0; i < data.length; i += 3) {
    red[data[i]!]! += 1;
    green[data[i + 1]!]! += 1;
    blue[data[i + 2]!]! += 1;
  }
  return [red, green, blue];
}
