import sharp, { type Sharp } from "sharp";
import { cmykToRgb } from "./cmyk-to-rgb.js";
import type { Image } from "./image.js";
import { decodeJpeg } from "./jpeg/decode-jpeg.js";
import { threadKernels } from "./kernels/kernels.js";
import { readWhole } from "./read-whole.js";

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
 * @throws when the file is missing, is no image, or is cut short; warnings of the decoder alone do not throw
 * @see facts: sharp settings that reproduce Pillow, README "Decoding"
 */
export async function decodeImage(source: string | Uint8Array, options: DecodeOptions = {}): Promise<Image> {
  const decoded = decodeToKernels(await fileBytes(source), options, source);
  if (decoded instanceof Promise) return decoded;
  // Out of the kernels' memory at once: another call may be waiting to decode into it.
  return { ...decoded, data: decoded.data.slice() };
}

/**
 * The bytes of an image file.
 *
 * @throws as `decodeImage`
 */
export async function fileBytes(source: string | Uint8Array): Promise<Uint8Array> {
  if (typeof source !== "string") return source;
  return readWhole(source).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "the file is missing" : error.message;
    throw notAImage(source, reason, error);
  });
}

/**
 * `decodeImage` for a step that goes on at once: an image that comes without a promise may lie in the kernels'
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
  // Orientation is the general decoder's business.
  return (kernels && !autoOrient && decodeJpeg(bytes, kernels)) || decodeBySharp(bytes, autoOrient, named);
}

async function decodeBySharp(
  bytes: Uint8Array,
  autoOrient: boolean,
  named: string | Uint8Array,
): Promise<Image> {
  try {
    if (bytes.length === 0) throw new Error("the file is empty");
    return await decode(bytes, autoOrient).catch((error: unknown) => {
      // libvips has one error text for the whole process, and whoever fails first at the same time takes it.
      if (!NO_TEXT.test(String(error))) throw error;
      return decode(bytes, autoOrient);
    });
  } catch (error) {
    throw notAImage(named, reasonOf(error), error);
  }
}

function notAImage(source: string | Uint8Array, reason: string, cause: unknown): Error {
  return new Error(`decodeImage: expected an image, got ${describe(source)}: ${reason}`, { cause });
}

const NO_TEXT = /unknown error/i;

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

function describe(source: string | Uint8Array): string {
  return typeof source === "string" ? source : `${source.length} bytes`;
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/unsupported image format/i.test(text)) {
    return "its content is no image format that sharp reads (JPEG, PNG, WebP, GIF, TIFF, AVIF, SVG)";
  }
  if (NO_TEXT.test(text)) return "it is damaged or cut short (the decoder does not say how)";
  // libvips reports one line per cause and repeats the path; the first line says it.
  return text.trim().split("\n")[0]!;
}
