import { CslError } from "@csl/internal/errors/csl-error";
import { fetchBytes } from "../images/fetch-bytes.js";
import { isRawImage, MAX_PIXELS, type RawImage, requirePixels, squash } from "../images/raw-image.js";
import type { PixelsOf } from "../tagger/tagger.js";

/** In a browser: an address, an encoded image, whatever can be drawn on a canvas, or samples. */
export type BrowserImage = string | URL | Blob | Uint8Array | ArrayBuffer | Drawable | RawImage;

/** What a canvas draws. It is turned as the browser shows it. */
export type Drawable =
  | ImageBitmap
  | HTMLImageElement
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | VideoFrame;

/** Reads images with the browser's decoder, and squashes them as the training does. */
export function browserPixels({
  autoOrient = false,
  maxPixels = MAX_PIXELS,
}: {
  autoOrient?: boolean | undefined;
  maxPixels?: number | undefined;
}): PixelsOf<BrowserImage> {
  return async (input, size, signal) => {
    const image = await drawable(input, { autoOrient, signal });
    if (isRawImage(image)) return squash(image, size);
    try {
      return squash(samplesOf(image, maxPixels), size);
    } finally {
      if (image !== input && "close" in image) image.close();
    }
  };
}

async function drawable(
  input: BrowserImage,
  { autoOrient, signal }: { autoOrient: boolean; signal: AbortSignal | undefined },
): Promise<Drawable | RawImage> {
  const isEncoded = input instanceof Blob || input instanceof Uint8Array || input instanceof ArrayBuffer;
  const encoded =
    typeof input === "string" || input instanceof URL
      ? await fetchBytes(input, "tag", { signal })
      : isEncoded && input;
  if (encoded)
    return createImageBitmap(encoded instanceof Blob ? encoded : new Blob([encoded as BlobPart]), {
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
      imageOrientation: autoOrient ? "from-image" : ("none" as ImageOrientation), // what the standard calls it
    }).catch((cause: Error) => {
      throw new CslError(
        "invalid-file",
        `tag: expected an image, got something that this browser does not decode (${cause.message}).`,
        { cause },
      );
    });
  if (typeof input !== "object" || input === null)
    throw new CslError(
      "invalid-argument",
      `tag: expected an address, an image or samples, got ${input === null ? "null" : typeof input}.`,
    );
  if (typeof HTMLImageElement !== "undefined" && input instanceof HTMLImageElement) await input.decode();
  return input as Drawable | RawImage;
}

/** Alpha is dropped where the browser lets it: a canvas forgets the colour of what is wholly transparent. */
function samplesOf(image: Drawable, maxPixels: number): RawImage {
  const { width, height } = sizeOf(image);
  if (!(width > 0 && height > 0))
    throw new CslError(
      "invalid-argument",
      `tag: expected an image of at least 1 x 1 pixels, got ${width} x ${height}. Is it loaded, and can a canvas draw it?`,
    );
  requirePixels(width, height, maxPixels);
  try {
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, width, height);
  } catch (cause) {
    throw new CslError(
      "cannot-read",
      `tag: expected an image whose pixels can be read, but the browser says: ${(cause as Error).message}. ` +
        "One of another origin needs crossorigin and the server's consent (CORS).",
      { cause },
    );
  }
}

function sizeOf(image: Drawable): { width: number; height: number } {
  const { naturalWidth, naturalHeight } = image as Partial<HTMLImageElement>;
  if (naturalWidth !== undefined) return { width: naturalWidth, height: naturalHeight! };
  const { videoWidth, videoHeight } = image as Partial<HTMLVideoElement>;
  if (videoWidth !== undefined) return { width: videoWidth, height: videoHeight! };
  const { displayWidth, displayHeight } = image as Partial<VideoFrame>;
  if (displayWidth !== undefined) return { width: displayWidth, height: displayHeight! };
  const { width, height } = image as ImageBitmap;
  return { width, height };
}
