import { CslError } from "@csl/internal/errors/csl-error";
import { BatchSlots, type ImageBatch } from "./batch-slots.js";
import type { ImageSlot } from "./image-slot.js";
import type { BatchType, LoaderSettings } from "./loader-options.js";
import type { PreparedImage } from "./prepare-image.js";
import type { UnreadableImages } from "./unreadable-images.js";

/** Prepares the image at `position` into a slot. */
export type PrepareInto = (position: number, slot: ImageSlot) => Promise<PreparedImage>;

export type BatchPlan<T extends BatchType> = {
  /** Which batch of the epoch. */
  number: number;
  /** The positions of the whole epoch; the batch has places number · batchSize … of it. */
  order: Uint32Array;
  settings: LoaderSettings<T>;
  memory: SharedArrayBuffer;
  unreadable: UnreadableImages;
  prepare: PrepareInto;
};

/** A batch, and the unreadable positions that making it met, in the order of the slots. */
export type MadeBatch<T extends BatchType> = { batch: ImageBatch<T>; met: number[] };

/**
 * Makes one batch. Which images it holds depends on its places in the order alone: an unreadable image changes no
 * other batch, so that an epoch can continue at any batch, and ranks stay in step.
 */
export async function makeBatch<T extends BatchType>(plan: BatchPlan<T>): Promise<MadeBatch<T>> {
  const { number, order, settings, memory } = plan;
  const first = number * settings.batchSize;
  const size = Math.min(settings.batchSize, order.length - first);
  const slots = new BatchSlots(number, size, settings.size, settings.dtype, memory);
  const met = await Promise.all(Array.from({ length: size }, (_, i) => fillOne(plan, first + i, slots, i)));
  return { batch: slots.finish(), met: met.flat() };
}

/** Fills a slot, with another image where that is asked for; returns the unreadable positions on the way. */
async function fillOne<T extends BatchType>(
  { order, settings, unreadable, prepare }: BatchPlan<T>,
  place: number,
  slots: BatchSlots<T>,
  index: number,
): Promise<number[]> {
  const met: number[] = [];
  const tryImage = async (position: number): Promise<boolean> => {
    if (!unreadable.has(position)) {
      const prepared = await prepare(position, slots.slot(index));
      if (!("unreadable" in prepared)) {
        slots.filled(index, position);
        return true;
      }
      unreadable.found(position, prepared.unreadable);
    }
    met.push(position);
    return false;
  };
  if (await tryImage(order[place]!)) return met;
  if (settings.onUnreadable !== "replace") return met;
  // A batch further on, so that the image does not come twice in this one.
  const start = place + settings.batchSize;
  for (let step = 0; step < order.length; step++) {
    if (await tryImage(order[(start + step) % order.length]!)) break;
    if (met.length >= MAX_UNREADABLE_IN_A_ROW) {
      const first = met[0]!;
      throw new CslError(
        "cannot-read",
        `image loader: expected a readable image among the ${MAX_UNREADABLE_IN_A_ROW} that could replace ` +
          `${unreadable.describe(first)}; got none. Is the disk still there?`,
      );
    }
  }
  return met;
}

/** More unreadable images in a row mean that the disk or the network is gone, or the folder is wrong. */
export const MAX_UNREADABLE_IN_A_ROW = 1000;
