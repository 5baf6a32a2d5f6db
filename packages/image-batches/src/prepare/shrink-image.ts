import type { Filter } from "@csl/internal/images/resample-table";
import sharp from "sharp";
import { decodeInto, fileBytes } from "../decode/decode-image.js";
import { threadKernels } from "../kernels/kernels.js";
import { type UnreadableResult, undecodable } from "../load/prepare-image.js";
import { resize } from "../resize/resize.js";
import type { FileRanges } from "../sources/file-ranges.js";
import type { ImageSource } from "../sources/image-list.js";

/** How an image is made smaller. A plain object, because it is copied to the workers. */
export type ShrinkOptions = {
  /** Pixels that the shorter side has afterwards, when it was longer. */
  shortEdge: number;
  /** Of the JPEG, 1 to 100. */
  quality: number;
  filter: Filter;
  /** Turn the pixels as EXIF says. The reference does not. */
  autoOrient: boolean;
  /** Degrees to turn by as well, counter-clockwise. Default 0. */
  turn?: Turn;
};

export type Turn = 0 | 90 | 180 | 270;

/** One image to shrink; it is copied to a worker. */
export type ShrinkTask = { kind: "shrink"; source: ImageSource; options: ShrinkOptions };

export type ShrunkImage = { jpg: Uint8Array } | UnreadableResult;

/** Reads and shrinks one image. */
export async function shrinkSource(
  { source, options }: ShrinkTask,
  ranges: FileRanges,
): Promise<ShrunkImage> {
  let bytes: Uint8Array;
  try {
    bytes = await (typeof source === "string" ? fileBytes(source) : ranges.read(source));
  } catch (error) {
    return { unreadable: (error as Error).message };
  }
  try {
    return { jpg: await shrinkImage(bytes, options) };
  } catch (error) {
    return undecodable(error);
  }
}

/**
 * The bytes of an image file → the bytes of a JPEG whose shorter side is at most `shortEdge`: resized as Pillow does,
 * aspect kept, 4:2:0. A JPEG that is small enough already is returned byte for byte, once it has proven to decode.
 *
 * @throws when the bytes are no image, are cut short, or a side is too long for JPEG (65,535)
 */
export async function shrinkImage(
  bytes: Uint8Array,
  { shortEdge, quality, filter, autoOrient, turn = 0 }: ShrinkOptions,
): Promise<Uint8Array> {
  const { width, height, data, shrunk } = await decodeInto(bytes, { autoOrient }, (image) => {
    const short = Math.min(image.width, image.height);
    // The longer side is cut, not rounded, as torchvision's Resize(int) does.
    const side = (length: number): number => Math.max(1, Math.trunc((shortEdge * length) / short));
    const size = { width: side(image.width), height: side(image.height), filter };
    const small = short > shortEdge ? resize(image, size) : image;
    const own = threadKernels()?.holds(small.data) ? small.data.slice() : small.data;
    return { ...small, data: own, shrunk: short > shortEdge };
  });
  const isKept = !shrunk && isJpeg(bytes) && turn === 0;
  if (isKept && !(autoOrient && (await isTurned(bytes)))) return bytes;
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .rotate((360 - turn) % 360) // sharp turns clockwise
    .jpeg({ quality, chromaSubsampling: "4:2:0" })
    .toBuffer();
  return new Uint8Array(jpeg.buffer, jpeg.byteOffset, jpeg.length);
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/** Whether EXIF asks for a turn. A turned image must be encoded again, or a reader would turn it again. */
async function isTurned(bytes: Uint8Array): Promise<boolean> {
  const { orientation = 1 } = await sharp(bytes).metadata();
  return orientation !== 1;
}
