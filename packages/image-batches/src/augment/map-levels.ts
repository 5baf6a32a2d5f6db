import { emptyLike, type Image } from "../image.js";
import { measureStep, tableStep } from "../kernels/image-step.js";

/** A new image with level v of channel c replaced by tables[c][v]; one table serves all three channels. */
export function mapLevels(image: Image, tables: Uint8Array | readonly Uint8Array[]): Image {
  const [red, green, blue] = tables instanceof Uint8Array ? [tables, tables, tables] : tables;
  const all = new Uint8Array(768);
  for (const [channel, table] of [red, green, blue].entries()) all.set(table!, channel * 256);
  const pixels = image.width * image.height;
  return (
    tableStep(image, all, (kernels, from, to, at) => kernels.mapLevels(from, to, pixels, at)) ??
    mapPlain(image, all)
  );
}

function mapPlain(image: Image, tables: Uint8Array): Image {
  const out = emptyLike(image);
  const from = image.data;
  const to = out.data;
  for (let i = 0; i < from.length; i += 3) {
    to[i] = tables[from[i]!]!;
    to[i + 1] = tables[256 + from[i + 1]!]!;
    to[i + 2] = tables[512 + from[i + 2]!]!;
  }
  return out;
}

/** The table of `map` over the 256 levels. */
export function levelTable(map: (level: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, level) => map(level));
}

/** Level counts of the three channels, each [256]. */
export function histograms(image: Image): [Uint32Array, Uint32Array, Uint32Array] {
  const counts =
    measureStep(image, 3072, (kernels, from, at) => {
      kernels.run.countLevels(from, image.width * image.height, at);
      return new Uint32Array(kernels.bytes.buffer.slice(at, at + 3072));
    }) ?? countPlain(image);
  return [counts.subarray(0, 256), counts.subarray(256, 512), counts.subarray(512)];
}

function countPlain({ data }: Image): Uint32Array {
  const counts = new Uint32Array(768);
  for (let i = 0; i < data.length; i += 3) {
    counts[data[i]!]! += 1;
    counts[256 + data[i + 1]!]! += 1;
    counts[512 + data[i + 2]!]! += 1;
  }
  return counts;
}
