import { closeSync, fstatSync, open, read } from "node:fs";
import { promisify } from "node:util";
import { checkOptions } from "@csl/internal/errors/check-options";
import { checkCount } from "@csl/internal/errors/check-values";
import { CslError, type CslErrorCode, isCslError } from "@csl/internal/errors/csl-error";
import sharp, { type Metadata, type Sharp } from "sharp";
import type { Image } from "../image.js";
import { threadKernels } from "../kernels/kernels.js";
import { inTime } from "../load/in-time.js";
import { withinBudget } from "./decode-budget.js";
import { decodeJpeg } from "./decode-jpeg.js";
import { gifFrame } from "./gif-frame.js";
import { imageFormat, otherContent, rasterFormats } from "./image-format.js";

export type DecodeOptions = {
  /** Turn the image as its EXIF orientation says. Pillow (and so the reference) does not. Default false. */
  autoOrient?: boolean;
  /** Pixels of the largest image that is read. Default, and the most: {@link MAX_PIXELS}. */
  maxPixels?: number;
};

/**
 * Decodes an image file to RGB with the samples that Pillow's `Image.open(f).convert("RGB")` gives: colour
 * profiles ignored, alpha dropped without blending, grey repeated, CMYK converted without a profile, EXIF
 * orientation left alone, the first frame of an animation. One known difference: 16-bit grey is scaled to 8
 * bits (Pillow clips it at 255).
 *
 * Baseline JPEGs are decoded by our own kernels on this thread, everything else by sharp. JPEG, PNG, WebP, GIF, TIFF, AVIF
 * and HEIF are told by their first bytes and read, up to {@link MAX_PIXELS} pixels each; nothing else is given to a decoder.
 *
 * @param source a path, or the bytes of the file
 * @throws CslError `not-found` when the file is missing, `cannot-read` when the system refuses to read it, `invalid-file`
 *   when it is not an image, is cut short or has too many pixels; `timeout` when decoding takes more than a minute;
 *   warnings of the decoder alone do not throw
 */
export async function decodeImage(source: string | Uint8Array, options: DecodeOptions = {}): Promise<Image> {
  checkOptions("decodeImage", options, { autoOrient: true, maxPixels: true });
  if (options.maxPixels !== undefined) checkCount("decodeImage", "maxPixels", options.maxPixels);
  return decodeInto(await fileBytes(source), options, ownImage, source);
}

/** Out of the kernels' memory at once: another call may be waiting to decode into it. */
function ownImage(image: Image): Image {
  return threadKernels()?.holds(image.data) ? { ...image, data: image.data.slice() } : image;
}

/** Pixels of the largest image that is read: where Pillow, and so the reference, refuses an image as a decompression bomb. */
export const MAX_PIXELS = 178_956_970;
/** The longest side, as in JPEG: a row is the least that is decoded at once. */
const MAX_SIDE = 65_535;
/** Bytes of the largest file: more than so many pixels take without compression. */
const MAX_FILE_BYTES = 2 ** 30;
/** Milliseconds that decoding may take. A whole image of the most pixels takes seconds. */
export const DECODE_TIMEOUT = 60_000;

/** The bytes of an image file. @throws as `decodeImage` */
export async function fileBytes(source: string | Uint8Array): Promise<Uint8Array> {
  if (typeof source !== "string") return source;
  return readWhole(source).catch((error: NodeJS.ErrnoException) => {
    if (isCslError(error)) throw error;
    if (error.code === "ENOENT") throw notAnImage("not-found", source, "the file is missing", error);
    throw notAnImage("cannot-read", source, error.message, error);
  });
}

/** What decoding depends on besides the bytes. */
type DecodeSettings = DecodeOptions & {
  /** Milliseconds that it may take. Default {@link DECODE_TIMEOUT}. */
  decodeTimeout?: number;
};

/**
 * `decodeImage` for a step that uses the image at once: it may lie in the kernels' memory, where the next call on this
 * thread overwrites it, and a large one counts in the budget of all threads until `use` returns.
 *
 * @param named what errors call the source
 * @returns what `use` returns, without a promise where nothing had to be waited for
 */
export function decodeInto<R>(
  bytes: Uint8Array,
  { autoOrient = false, decodeTimeout = DECODE_TIMEOUT, maxPixels = MAX_PIXELS }: DecodeSettings,
  use: (image: Image) => R,
  named: string | Uint8Array = bytes,
): R | Promise<R> {
  const kernels = threadKernels();
  const most = Math.min(maxPixels, MAX_PIXELS);
  // The general decoder applies the orientation, and refuses what is too large.
  const image = kernels && !autoOrient && decodeJpeg(bytes, kernels, most);
  return image
    ? use(image)
    : decodeBySharp(bytes, { autoOrient, decodeTimeout, maxPixels: most }, use, named);
}

async function decodeBySharp<R>(
  bytes: Uint8Array,
  settings: Required<DecodeSettings>,
  use: (image: Image) => R,
  named: string | Uint8Array,
): Promise<R> {
  if (bytes.length === 0) throw notAnImage("invalid-file", named, "the file is empty");
  const format = imageFormat(bytes);
  if (!format) {
    const what = otherContent(bytes);
    const reason = `its content is ${what ? `${what}, ` : ""}not an image format that is read (JPEG, PNG, WebP, GIF, TIFF, AVIF, HEIF)`;
    throw notAnImage("invalid-file", named, reason);
  }
  if (format === "gif") requireGifFrame(bytes, settings.maxPixels, named);
  const { header, size } = await readHeader(bytes, settings.maxPixels, named);
  return withinBudget(size, async () => use(await decodeTwice(bytes, header, settings, named)));
}

/**
 * What sharp says of an image before it decodes any pixel, and the bytes that decoding takes at most.
 *
 * @throws when the image is of no format with pixels, or has too many of them
 */
async function readHeader(
  bytes: Uint8Array,
  maxPixels: number,
  named: string | Uint8Array,
): Promise<{ header: Metadata; size: number }> {
  const header = await sharp(bytes, { ...sharpOptions })
    .metadata()
    .catch((error: Error) => {
      throw damaged(named, error);
    });
  const { format, width, height, channels, depth } = header;
  if (!(rasterFormats as readonly string[]).includes(format))
    throw notAnImage("invalid-file", named, `its content is of the format "${format}", which is not read`);
  requirePixels({ width, height }, maxPixels, named);
  // Our bytes and, where a format is not read line by line, the decoder's.
  return { header, size: width * height * (3 + channels * (depth === "uchar" ? 1 : 2)) };
}

/** @throws when the first frame has too many pixels, or more than its bytes can hold: the decoder reserves memory for them */
function requireGifFrame(bytes: Uint8Array, maxPixels: number, named: string | Uint8Array): void {
  const frame = gifFrame(bytes);
  if (!frame) return; // the decoder says what is wrong
  requirePixels(frame, maxPixels, named);
  const { width, height, mostPixels } = frame;
  if (width * height <= mostPixels) return;
  const reason = `it is damaged or cut short (its ${width} x ${height} pixels are more than its bytes can hold)`;
  throw notAnImage("invalid-file", named, reason);
}

/** @throws when an image of this size is not read */
function requirePixels(
  { width, height }: { width: number; height: number },
  maxPixels: number,
  named: string | Uint8Array,
): void {
  if (Math.max(width, height) > MAX_SIDE) {
    const reason = `its ${width} x ${height} pixels are more than ${MAX_SIDE} on a side. Make it smaller`;
    throw notAnImage("invalid-file", named, reason);
  }
  if (width * height > maxPixels) {
    const most = maxPixels.toLocaleString("en");
    const reason = `its ${width} x ${height} pixels exceed the limit of ${most}. Make it smaller`;
    throw notAnImage("invalid-file", named, reason);
  }
}

async function decodeTwice(
  bytes: Uint8Array,
  header: Metadata,
  { autoOrient, decodeTimeout }: Pick<Required<DecodeSettings>, "autoOrient" | "decodeTimeout">,
  named: string | Uint8Array,
): Promise<Image> {
  const late = (): CslError =>
    notAnImage("timeout", named, `decoding it took more than ${decodeTimeout / 1000} s`);
  const attempt = (): Promise<Image> => decode(bytes, header, { autoOrient, decodeTimeout });
  try {
    // Once more after a failure: libvips has one error text for the whole process, and another image that fails at the
    // same time may take it.
    return await inTime(attempt().catch(attempt), decodeTimeout, late);
  } catch (error) {
    if (isCslError(error)) throw error;
    throw damaged(named, error as Error);
  }
}

/** libvips reports one line per cause and repeats the path; the first line is enough. */
function damaged(named: string | Uint8Array, error: Error): CslError {
  const [line] = error.message.trim().split("\n");
  return notAnImage("invalid-file", named, `it is damaged or cut short (${line})`, error);
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

// failOn "truncated": extraneous bytes are a warning to libjpeg, and Pillow reads such files. The pixels are counted here.
const sharpOptions = { ignoreIcc: true, failOn: "truncated", limitInputPixels: false } as const;

async function decode(
  bytes: Uint8Array,
  { space }: Metadata,
  { autoOrient, decodeTimeout }: Pick<Required<DecodeSettings>, "autoOrient" | "decodeTimeout">,
): Promise<Image> {
  const file = sharp(bytes, { ...sharpOptions });
  // libvips stops by itself where it decodes piece by piece.
  if (decodeTimeout > 0) file.timeout({ seconds: Math.ceil(decodeTimeout / 1000) });
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
    const { size } = fstatSync(descriptor);
    if (size > MAX_FILE_BYTES)
      throw notAnImage(
        "invalid-file",
        path,
        `the file has ${size} bytes, more than the largest image that is read`,
      );
    const bytes = new Uint8Array(size);
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
