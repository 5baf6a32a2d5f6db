import { CslError } from "@csl/internal/errors/csl-error";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { type Augmentation, augmentations } from "../augment/augmentations.js";
import { decodeToKernels, fileBytes } from "../decode/decode-image.js";
import type { Image } from "../image.js";
import { threadKernels } from "../kernels/kernels.js";
import type { Filter } from "../resize/resample-table.js";
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
export type PreparedImage =
  | { resized?: Uint8Array }
  /** Why the image could not be read. Everything else that goes wrong is thrown. */
  | { unreadable: string };

/** Read → decode → resize → augment → slot. The same function runs inside the workers and in-process. */
export async function prepareImage(task: PrepareTask, ranges: FileRanges): Promise<PreparedImage> {
  const { size, source, slot, keepResized, timeout = 0 } = task;
  let image: Image;
  if (source instanceof Uint8Array) {
    image = { data: source, width: size, height: size };
  } else {
    try {
      const reading = typeof source === "string" ? fileBytes(source) : ranges.read(source);
      const bytes = await inTime(reading, timeout, () => tooLate(timeout));
      const decoded = decodeToKernels(bytes, task, typeof source === "string" ? source : bytes);
      image = decoded instanceof Promise ? await decoded : decoded;
    } catch (error) {
      return { unreadable: (error as Error).message };
    }
  }
  // Nothing below waits: from here to the slot the image lies in the kernels' memory.
  image = { ...image, data: threadKernels()?.enter(image.data) ?? image.data };
  if (image.width !== size || image.height !== size) {
    image = resize(image, { width: size, height: size, filter: task.filter });
  }
  const resized = keepResized ? toShared(image.data) : undefined;
  fillSlot(slot, augmentations[task.augment](image, mulberry32(task.seed)).data);
  return resized ? { resized } : {};
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
