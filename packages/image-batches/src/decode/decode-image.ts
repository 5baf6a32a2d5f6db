import { closeSync, fstatSync, open, read } from "node:fs";
import { promisify } from "node:util";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError, type CslErrorCode } from "@csl/internal/errors/csl-error";
import sharp, { type Sharp } from "sharp";
import type { Image } from "../image.js";
import { threadKernels } from "../kernels/kernels.js";
import { decodeJpeg } from "./decode-jpeg.js";

export type DecodeOptions = {
  /** Turn the image as its EXIF orientation says. Pillow (and so the reference) does not. Default false. */
  autoOrient?: boolean;
};

/**
 * Decodes an image file to RGB with the samples that Pillow's `Image.open(f).convert("RGB")` gives: colour
 * profiles ignored, alpha dropped without blending, grey repeated, CMYK converted without a profile, EXIF
 * orientation left alone, the first frame of an animation. One known difference: 16-bit grey is scaled to 8
 * bits (Pillow clips it at 255).
 *
 * Baseline JPEGs are decoded by our own kernels on this thread, everything else by sharp.
 *
 * @param source a path, or the bytes of the file
 * @throws CslError `not-found` when the file is missing, `cannot-read` when the system refuses to read it, `invalid-file`
 *   when it is not an image or is cut short; warnings of the decoder alone do not throw
 */
export async function decodeImage(source: string | Uint8Array, options: DecodeOptions = {}): Promise<Image> {
  checkOptions("decodeImage", options, { autoOrient: true });
  const decoded = decodeToKernels(await fileBytes(source), options, source);
  if (decoded instanceof Promise) return decoded;
  // Out of the kernels' memory at once: another call may be waiting to decode into it.
  return { ...decoded, data: decoded.data.slice() };
}

/** The bytes of an image file. @throws as `decodeImage` */
export async function fileBytes(source: string | Uint8Array): Promise<Uint8Array> {
  if (typeof source !== "string") return source;
  return readWhole(source).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw notAnImage("not-found", source, "the file is missing", error);
    throw notAnImage("cannot-read", source, error.message, error);
  });
}

/**
 * `decodeImage` for a step that uses the image at once: one that comes without a promise may lie in the kernels'
 * memory, where the next call on this thread overwrites it.
 *
 * @param named what errors call the source
 */
export function decodeToKernels(
  bytes: Uint8Array,
  { autoOrient = false }: DecodeOptions,
  named: string | Uint8Array = bytes,
): Image | Promise<Image> {
  const kernels = threadKernels();
  // The general decoder applies the orientation.
  return (kernels && !autoOrient && decodeJpeg(bytes, kernels)) || decodeBySharp(bytes, autoOrient, named);
}

async function decodeBySharp(
  bytes: Uint8Array,
  autoOrient: boolean,
  named: string | Uint8Array,
): Promise<Image> {
  if (bytes.length === 0) throw notAnImage("invalid-file", named, "the file is empty");
  try {
    // Once more after a failure: libvips has one error text for the whole process, and another image that fails at the
    // same time may take it.
    return await decode(bytes, autoOrient).catch(() => decode(bytes, autoOrient));
  } catch (error) {
    // libvips reports one line per cause and repeats the path; the first line is enough.
    const [line] = String((error as Error).message)
      .trim()
      .split("\n");
    const reason = hasKnownFormat(bytes)
      ? `it is damaged or cut short (${line})`
      : "its content is not an image format that sharp reads (JPEG, PNG, WebP, GIF, TIFF, AVIF, SVG)";
    throw notAnImage("invalid-file", named, reason, error);
  }
}

function notAnImage(
  code: CslErrorCode,
  source: string | Uint8Array,
  reason: string,
  cause?: unknown,
): CslError {
  const name = typeof source === "string" ? source : `${source.length} bytes`;
  return new CslError(code, `decodeImage: expected an image, got ${name}: ${reason}`, { cause });
}

/** Whether the bytes begin as a file of a format that sharp reads. */
function hasKnownFormat(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.subarray(0, 64)).toString("latin1");
  return /^(\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|II\*\0|MM\0\*|....ftyp|\s*<(svg|\?xml|!--))/s.test(text);
}

async function decode(bytes: Uint8Array, autoOrient: boolean): Promise<Image> {
  // failOn "truncated": extraneous bytes are a warning to libjpeg, and Pillow reads such files.
  const file = sharp(bytes, { ignoreIcc: true, failOn: "truncated" });
  const { space } = await file.metadata();
  if (autoOrient) file.autoOrient();
  return space === "cmyk" ? decodeCmyk(file) : decodeRgb(file);
}

async function decodeRgb(file: Sharp): Promise<Image> {
  const { data, info } = await file
    .removeAlpha()
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return { data: plainBytes(data), width: info.width, height: info.height };
}

async function decodeCmyk(file: Sharp): Promise<Image> {
  const { data, info } = await file
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return { data: cmykToRgb(plainBytes(data)), width: info.width, height: info.height };
}

/** The same memory as a plain Uint8Array: a Buffer is a subclass, which makes the hot loops polymorphic. */
function plainBytes({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

const [openFile, readFile] = [promisify(open), promisify(read)];

/**
 * A file's bytes, as node:fs/promises' readFile, at half its cost for small files: the two steps that may wait
 * for a disk run in the background, the others, which do not, at once.
 */
async function readWhole(path: string): Promise<Uint8Array> {
  const descriptor = await openFile(path, "r");
  try {
    const bytes = new Uint8Array(fstatSync(descriptor).size);
    let got = 0;
    while (got < bytes.length) {
      const { bytesRead } = await readFile(descriptor, bytes, got, bytes.length - got, got);
      // It is being shortened: what there is will not decode, and that is reported.
      if (bytesRead === 0) return bytes.subarray(0, got);
      got += bytesRead;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * CMYK (as it stands in the JPEG, 4 bytes a pixel) to RGB, the way Pillow's `convert("RGB")` does it, which
 * knows no profile: r = clip(nk - muldiv255(c, nk)) with nk = 255 - k. (Pillow, libImaging/Convert.c)
 *
 * @param cmyk [pixels * 4]
 * @returns [pixels * 3]
 */
function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const pixels = cmyk.length / 4;
  const rgb = new Uint8Array(pixels * 3);
  for (let pixel = 0, i = 0, o = 0; pixel < pixels; pixel++, i += 4, o += 3) {
    const notBlack = 255 - cmyk[i + 3]!;
    // muldiv255 never exceeds notBlack, so nothing needs clipping.
    rgb[o] = notBlack - muldiv255(cmyk[i]!, notBlack);
    rgb[o + 1] = notBlack - muldiv255(cmyk[i + 1]!, notBlack);
    rgb[o + 2] = notBlack - muldiv255(cmyk[i + 2]!, notBlack);
  }
  return rgb;
}

/** a * b / 255 with Pillow's rounding. */
function muldiv255(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

/**
 * Sets sharp (for the whole process, there is nothing smaller) to one thread per image and no cache of
 * operations: with several images at the same time that is faster than several threads on each.
 */
export function tuneSharp(): void {
  sharp.concurrency(1);
  sharp.cache(false);
}
