import type { Image } from "@csl/image-batches/browser";
import { explainImage, most } from "./explain-image.js";

/** Pixels that are copied out of the browser at once: some browsers have small canvases. */
const band = 4_000_000;

/**
 * An image file as RGB, as the browser decodes it: turned as its EXIF orientation says, colour profiles ignored, alpha dropped.
 *
 * @throws Error that says in words what is wrong with the file and what to do
 */
export async function decodeImage(blob: Blob, name: string): Promise<Image> {
  const problem = await explainImage(blob, name);
  if (problem?.certain) throw new Error(problem.words);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(blob, { premultiplyAlpha: "none", colorSpaceConversion: "none" });
  } catch (cause) {
    const words =
      problem?.words ??
      `${name}: the file begins as an image, but this browser cannot read it. It may be cut off or damaged.`;
    throw new Error(words, { cause });
  }
  try {
    if (bitmap.width * bitmap.height > most.pixels)
      throw new Error(`${name} has too many pixels (${bitmap.width} × ${bitmap.height}).`);
    return toRgb(bitmap);
  } finally {
    bitmap.close();
  }
}

function toRgb(bitmap: ImageBitmap): Image {
  const { width, height } = bitmap;
  const data = new Uint8Array(width * height * 3);
  const rows = Math.max(1, Math.min(height, Math.floor(band / width)));
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = rows;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  for (let top = 0, to = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    context.clearRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, -top);
    const { data: rgba } = context.getImageData(0, 0, width, count);
    for (let from = 0; from < rgba.length; from += 4, to += 3) {
      data[to] = rgba[from]!;
      data[to + 1] = rgba[from + 1]!;
      data[to + 2] = rgba[from + 2]!;
    }
  }
  return { data, width, height };
}
