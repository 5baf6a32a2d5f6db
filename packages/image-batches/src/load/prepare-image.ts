import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import type { Filter } from "@csl/internal/images/resample-table";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { type Augmentation, augmentations } from "../augment/augmentations.js";
import { decodeInto, fileBytes } from "../decode/decode-image.js";
import type { Image } from "../image.js";
import { threadKernels } from "../kernels/kernels.js";
import { resize } from "../resize/resize.js";
import type { FileRanges } from "../sources/file-ranges.js";
import type { ImageSource } from "../sources/image-list.js";
import { fillSlot, type ImageSlot } from "./image-slot.js";
import { inTime } from "./in-time.js";

/** Everything that one sample of a batch depends on; a plain object, because it travels to a worker. */
export type PrepareTask = {
  kind: "prepare";
  /** The file, a range of one, or the resized pixels in shared memory when they are cached. */
  source: ImageSource | Uint8Array;
  /** Where the result goes. */
  slot: ImageSlot;
  /** Milliseconds that reading the file may take. Default 0: without limit. */
  timeout?: number;
  /** Milliseconds that decoding may take; then the thread that does it is given up. */
  decodeTimeout?: number;
  /** Side of the result in pixels. */
  size: number;
  filter: Filter;
  autoOrient: boolean;
  augment: Augmentation;
  /** Seed of this sample's augmentation. */
  seed: number;
  /** Also hand back the resized image, in shared memory, for the cache. */
  keepResized: boolean;
};

/** The result: the image is in its slot. */
export type PreparedImage = { resized?: Uint8Array } | UnreadableResult;

/** Why the image could not be read. Everything else that goes wrong is thrown. */
export type UnreadableResult = {
  unreadable: string;
  /** The decoder did not end in time and may still be at work: the thread is not to be used any more. */
  stuck?: true;
};

/** Read → decode → resize → augment → slot. The same function runs inside the workers and in-process. */
export async function prepareImage(task: PrepareTask, ranges: FileRanges): Promise<PreparedImage> {
  const { size, source, timeout = 0 } = task;
  if (source instanceof Uint8Array) return finishImage({ data: source, width: size, height: size }, task);
  let bytes: Uint8Array;
  try {
    const reading = typeof source === "string" ? fileBytes(source) : ranges.read(source);
    bytes = await inTime(reading, timeout, () => tooLate(timeout));
  } catch (error) {
    return { unreadable: (error as Error).message };
  }
  let result: { finished: PreparedImage } | { fault: unknown };
  try {
    const named = typeof source === "string" ? source : bytes;
    const done = decodeInto(bytes, task, (image) => attempt(() => finishImage(image, task)), named);
    result = done instanceof Promise ? await done : done;
  } catch (error) {
    return undecodable(error);
  }
  if ("fault" in result) throw result.fault;
  return result.finished;
}

/** A fault of ours on the way is no fault of the image. */
function attempt(finish: () => PreparedImage): { finished: PreparedImage } | { fault: unknown } {
  try {
    return { finished: finish() };
  } catch (fault) {
    return { fault };
  }
}

/** Nothing here waits: from the decoder to the slot the image lies in the kernels' memory. */
function finishImage(
  decoded: Image,
  { size, slot, keepResized, filter, augment, seed }: PrepareTask,
): PreparedImage {
  let image: Image = { ...decoded, data: threadKernels()?.enter(decoded.data) ?? decoded.data };
  if (image.width !== size || image.height !== size)
    image = resize(image, { width: size, height: size, filter });
  const resized = keepResized ? toShared(image.data) : undefined;
  fillSlot(slot, augmentations[augment](image, mulberry32(seed)).data);
  return resized ? { resized } : {};
}

/** The result for an image that does not decode. */
export function undecodable(error: unknown): UnreadableResult {
  return { unreadable: (error as Error).message, ...(isCslError(error, "timeout") && { stuck: true }) };
}

function tooLate(timeout: number): CslError {
  return new CslError(
    "timeout",
    `its file was not read within ${timeout / 1000} s (does its disk or server still answer?)`,
  );
}

function toShared(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
