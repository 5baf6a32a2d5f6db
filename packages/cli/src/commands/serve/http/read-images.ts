import type { FastifyRequest } from "fastify";
import { fetchImage } from "../images/fetch-image.js";
import { readBody, tooLarge, tooLate } from "./read-body.js";
import { ServiceError } from "./service-error.js";

/** An image of a request: its bytes, or how to get them. */
export interface RequestedImage {
  /** Its file name or address; undefined for the only one of a request. */
  name?: string;
  bytes: () => Promise<Buffer>;
}

export interface ImageLimits {
  /** Bytes of an image. */
  maxBytes: number;
  /** Images of a request. */
  most: number;
  /** Whether addresses are fetched. */
  urls: boolean;
  privateUrls: boolean;
}

/** What a request holds. `single`: one image as its body, and not a list. */
export interface RequestedImages {
  single: boolean;
  images: RequestedImage[];
}

/**
 * The images of a request: its body, the files of a form, or the addresses of a list.
 *
 * @throws ServiceError for anything else, and for more than fits
 */
export async function readImages(
  request: FastifyRequest,
  limits: ImageLimits,
  signal: AbortSignal,
): Promise<RequestedImages> {
  const type = (request.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  if (type === "multipart/form-data")
    return { single: false, images: await readForm(request, limits, signal) };
  if (type === "application/json") return { single: false, images: await readList(request, limits, signal) };
  if (type !== "" && type !== "application/octet-stream" && !type.startsWith("image/"))
    throw new ServiceError(
      415,
      "unsupported",
      `csl serve: expected an image (image/*, application/octet-stream), a form (multipart/form-data) or a list (application/json), got ${type.slice(0, 60)}.`,
    );
  if (Number(request.headers["content-length"] ?? 0) > limits.maxBytes) throw tooLarge(limits.maxBytes);
  const bytes = await readBody(request.raw, { maxBytes: limits.maxBytes, signal });
  if (bytes.length === 0)
    throw new ServiceError(
      400,
      "invalid-argument",
      "csl serve: expected an image as the request's body, got nothing.",
    );
  return { single: true, images: [{ bytes: async () => bytes }] };
}

async function readForm(
  request: FastifyRequest,
  { maxBytes, most }: ImageLimits,
  signal: AbortSignal,
): Promise<RequestedImage[]> {
  const images: RequestedImage[] = [];
  const files = request.files({
    // One byte more than is allowed: who sends it has sent too many.
    limits: { files: most, fileSize: maxBytes + 1, fields: 20, fieldSize: 4096, headerPairs: 50 },
  });
  let held = 0;
  for (;;) {
    const { done, value: file } = await inTime(files.next(), signal).catch(asRefusal);
    if (done) break;
    const bytes = await readBody(file.file, { maxBytes, signal });
    held += bytes.length;
    if (held > MOST_FORMS * maxBytes) throw tooLarge(MOST_FORMS * maxBytes);
    images.push({ name: file.filename, bytes: async () => bytes });
  }
  if (images.length === 0)
    throw new ServiceError(
      400,
      "invalid-argument",
      "csl serve: expected a form with files, got one without.",
    );
  return images;
}

/** Bytes of all images of a form, in largest images. */
const MOST_FORMS = 4;

/** The longest list of addresses, in bytes. */
const MOST_LIST_BYTES = 2 ** 18;

async function readList(
  request: FastifyRequest,
  { urls: allowed, privateUrls, maxBytes, most }: ImageLimits,
  signal: AbortSignal,
): Promise<RequestedImage[]> {
  if (!allowed)
    throw new ServiceError(
      403,
      "forbidden",
      "csl serve: addresses are not fetched here. Send the images themselves, or start the service with --urls.",
    );
  const body = await readBody(request.raw, { maxBytes: Math.min(maxBytes, MOST_LIST_BYTES), signal });
  const urls = listOf(body.toString("utf8"));
  if (urls.length > most)
    throw new ServiceError(
      413,
      "too-large",
      `csl serve: expected at most ${most} images, got ${urls.length}.`,
    );
  return urls.map((name) => ({
    name,
    bytes: () => fetchImage(name, { maxBytes, allowPrivate: privateUrls, signal }),
  }));
}

function listOf(text: string): string[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    content = undefined;
  }
  const { urls } = (content ?? {}) as { urls?: unknown };
  const isList = Array.isArray(urls) && urls.length > 0 && urls.every((url) => typeof url === "string");
  if (isList) return urls as string[];
  throw new ServiceError(
    400,
    "invalid-argument",
    'csl serve: expected {"urls": ["https://…", …]}, got another JSON.',
  );
}

/** What the reader of forms throws has statuses and texts of its own, or none. */
function asRefusal(error: unknown): never {
  if (error instanceof ServiceError) throw error;
  if ((error as { statusCode?: number }).statusCode === 413)
    throw new ServiceError(413, "too-large", "csl serve: the form has more files or fields than are taken.");
  throw new ServiceError(
    400,
    "invalid-argument",
    "csl serve: expected a form (multipart/form-data with a boundary), got one that is damaged or cut off.",
  );
}

/** A form that stops in the middle never gives its next file. */
function inTime<T>(next: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(tooLate());
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  return Promise.race([next, stopped]).finally(() => signal.removeEventListener("abort", stop));
}
