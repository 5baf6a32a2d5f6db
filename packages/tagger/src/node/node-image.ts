import { fileURLToPath } from "node:url";
import { decodeImage, resize } from "@csl/image-batches";
import { CslError } from "@csl/internal/errors/csl-error";
import { fetchBytes } from "../images/fetch-bytes.js";
import { isRawImage, MAX_PIXELS, type RawImage, rgbOf } from "../images/raw-image.js";
import type { PixelsOf } from "../tagger/tagger.js";

/** In Node: a path or an http(s) or file address, the bytes of an encoded image, a Blob, or samples. */
export type NodeImage = string | URL | Uint8Array | ArrayBuffer | Blob | RawImage;

/** Bytes of the largest image that an address may give. */
const MAX_FILE_BYTES = 2 ** 30;

/** Reads images as the training does: decoded and squashed by @csl/image-batches. */
export function nodePixels({
  autoOrient = false,
  maxPixels = MAX_PIXELS,
}: {
  autoOrient?: boolean | undefined;
  maxPixels?: number | undefined;
}): PixelsOf<NodeImage> {
  return async (input, size, signal) => {
    const source = await encoded(input, signal);
    const image =
      typeof source === "string" || source instanceof Uint8Array
        ? await decodeImage(source, { autoOrient, maxPixels })
        : rgbOf(source);
    return resize(image, { width: size, height: size }).data;
  };
}

async function encoded(input: NodeImage, signal?: AbortSignal): Promise<string | Uint8Array | RawImage> {
  if (input instanceof Uint8Array) return input;
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  if (input instanceof Blob) return new Uint8Array(await input.arrayBuffer());
  if (input instanceof URL || typeof input === "string") return located(input, signal);
  if (isRawImage(input)) return input;
  throw new CslError(
    "invalid-argument",
    `tag: expected a path, an address, the bytes of an image file or samples, got ${input === null ? "null" : typeof input}.`,
  );
}

/** A path, or the bytes that an address gives. */
async function located(place: string | URL, signal?: AbortSignal): Promise<string | Uint8Array> {
  const text = String(place);
  if (/^https?:/i.test(text)) return fetchBytes(text, "tag", { maxBytes: MAX_FILE_BYTES, signal });
  if (/^file:/i.test(text)) return fileURLToPath(text);
  return text;
}
