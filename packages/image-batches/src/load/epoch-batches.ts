import { CslError } from "@csl/internal/errors/csl-error";
import type { BatchMemory, ImageBatch } from "./batch-slots.js";
import { epochOrder } from "./epoch-order.js";
import { inTime } from "./in-time.js";
import type { BatchType, LoaderSettings } from "./loader-options.js";
import { MAX_UNREADABLE_IN_A_ROW, type MadeBatch, makeBatch, type PrepareInto } from "./make-batch.js";
import type { UnreadableImages } from "./unreadable-images.js";

/** What a loader has done so far, over all its epochs. */
export type LoaderStats = {
  batches: number;
  images: number;
  /** Images that could not be read. */
  unreadable: number;
  /** Milliseconds that the consumer waited for a batch. */
  waitedMs: number;
  /** Milliseconds that the consumer spent between batches. Waited share = waitedMs / (waitedMs + busyMs). */
  busyMs: number;
  /** Worker threads that ended by themselves and were replaced, in words. */
  incidents: readonly string[];
};

/** What an epoch needs of its loader. */
export type EpochPlan<T extends BatchType> = {
  epoch: number;
  /** The first batch to make. */
  from: number;
  /** Batches of the whole epoch. */
  batches: number;
  /** Batches being made at one time. */
  ahead: number;
  /** Number of images in the list. */
  count: number;
  settings: LoaderSettings<T>;
  memory: BatchMemory;
  /** Memory taken and not given back; what is left when the epoch ends is the caller's to give back. */
  taken: Set<SharedArrayBuffer>;
  unreadable: UnreadableImages;
  counted: Omit<LoaderStats, "unreadable" | "incidents">;
  prepare: PrepareInto;
};

/** The batches of an epoch from one on, the next ones always being made. */
export async function* epochBatches<T extends BatchType>(
  plan: EpochPlan<T>,
): AsyncGenerator<ImageBatch<T>, void, undefined> {
  const { settings, unreadable, counted, memory, taken } = plan;
  const { now, signal, batchSize } = settings;
  const order = epochOrder(plan.count, { ...settings, epoch: plan.epoch });
  const making: { number: number; made: Promise<MadeBatch<T>>; buffer: SharedArrayBuffer }[] = [];
  /** Images being made, the oldest first. */
  const underWay = new Set<number>();
  const prepare: PrepareInto = async (position, slot) => {
    underWay.add(position);
    return plan.prepare(position, slot).finally(() => underWay.delete(position));
  };
  let next = plan.from;
  const makeAhead = (): void => {
    while (making.length < plan.ahead && next < plan.batches) {
      const buffer = memory.take();
      taken.add(buffer);
      const number = next++;
      const made = makeBatch({ number, order, settings, memory: buffer, unreadable, prepare });
      // Taking the batch throws it; the consumer may have left before.
      made.catch(() => {});
      making.push({ number, made, buffer });
    }
  };
  const giveBack = (buffer: SharedArrayBuffer): void => {
    if (taken.delete(buffer)) memory.giveBack(buffer);
  };

  /** Unreadable images since the last readable one, and the first of them. */
  let lost = 0;
  let firstLost = 0;
  let any = false;
  let asked = now();
  for (makeAhead(); making.length > 0; makeAhead()) {
    const { number, made, buffer } = making.shift()!;
    const { batch, met } = await inTime(made, settings.timeout, () => {
      const [oldest] = underWay;
      return new CslError(
        "timeout",
        `image loader: expected batch ${number} within ${settings.timeout / 1000} s, got none; of the ` +
          `${underWay.size} images being made this is the oldest: ${unreadable.nameAt(oldest!)}. ` +
          "Does its disk or server still answer?",
      );
    });
    signal?.throwIfAborted();
    for (const position of met) report(position, plan);
    if (batch.size === 0) {
      giveBack(buffer);
      if (lost === 0) firstLost = met[0]!;
      lost += met.length;
      if (lost >= MAX_UNREADABLE_IN_A_ROW) break;
      continue;
    }
    any = true;
    lost = 0;
    if (!settings.reuse) {
      batch.images = batch.images.slice() as typeof batch.images;
      giveBack(buffer);
    }
    makeAhead();
    const came = now();
    counted.waitedMs += came - asked;
    counted.batches++;
    counted.images += batch.size;
    yield batch;
    asked = now();
    counted.busyMs += asked - came;
    if (settings.reuse) giveBack(buffer);
    signal?.throwIfAborted();
  }
  // A resumed epoch may have nothing left but a bad last batch.
  if (lost >= MAX_UNREADABLE_IN_A_ROW || (lost > 0 && !any && (plan.from === 0 || lost >= batchSize))) {
    // Where other images take the place of unreadable ones, the same image is met more than once.
    const images = Math.min(lost, plan.count);
    throw new CslError(
      "cannot-read",
      `image loader: expected at least one readable image, got ${images} in a row that are not. The first: ` +
        `${unreadable.describe(firstLost)}. Is the folder right, and are the images there?`,
    );
  }
}

function report<T extends BatchType>(position: number, { settings, unreadable }: EpochPlan<T>): void {
  if (settings.onUnreadable === "fail") {
    throw new CslError(
      "cannot-read",
      `image loader: expected every image to be readable, got ${unreadable.describe(position)}. ` +
        'onUnreadable: "skip" (of csl: --on-unreadable skip) leaves such images out.',
    );
  }
  unreadable.report(position);
}
