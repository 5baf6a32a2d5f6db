import {
  createImageLoader,
  type ImageBatch,
  type ImageList,
  type ImageLoader,
  type UnreadableImage,
} from "@csl/image-batches";
import { printable } from "@csl/internal/text/printable";
import type { LabelTable } from "@csl/labels";
import type { Batch } from "@csl/trainer";
import type { GroupOptions } from "../flags/flag.js";
import type { batchFlags } from "../flags/shared-flags.js";
import { gatherJson, type Ranks } from "../ranks/ranks.js";
import { workersOf } from "../ranks/workers-of.js";
import type { Terminal } from "../terminal/terminal.js";

export type BatchOptions = GroupOptions<typeof batchFlags>;

/** How many images that do not come a batch may wait for, one after the other. */
const SLOW_IMAGES_PER_BATCH = 5;

/**
 * How long loaders wait, in milliseconds: for the file of an image, which then counts as unreadable, and for a batch,
 * which ends the command. The second is for what the first cannot notice, such as a thread that hangs.
 */
export function timeLimits({ imageTimeout }: Pick<BatchOptions, "imageTimeout">): {
  imageTimeout: number;
  timeout: number;
} {
  const milliseconds = imageTimeout * 1000; // 0: no limit
  return { imageTimeout: milliseconds, timeout: SLOW_IMAGES_PER_BATCH * milliseconds };
}

/** A pass over images in order; of several processes, each has its share. */
export type OncePass = Pick<ImageLoader, "unreadable" | "close" | "threadsLeft"> & {
  batches: () => AsyncIterable<ImageBatch>;
  /** Batches of the process that has the most, which is rank 0. */
  rounds: number;
};

/**
 * Batches of images in order, once: for `csl evaluate` and `csl estimate-prior`. Processes are dealt whole batches in turn: what
 * a model gives to an image may differ in its last bit with the images beside it, and these are those of one process.
 */
export function readOnce(
  images: ImageList,
  { batchSize, workers, onUnreadable, imageTimeout }: Omit<BatchOptions, "imageSize">,
  { size, signal, ranks }: { size: number; signal: AbortSignal; ranks?: Ranks | undefined },
): OncePass {
  const rounds = Math.ceil(images.length / batchSize / (ranks?.size ?? 1));
  const only = ranks && dealBatches(images.length, batchSize, ranks);
  // More processes than batches.
  if (only?.length === 0)
    return { batches: noBatches, rounds, unreadable: [], close: async () => {}, threadsLeft: 0 };
  const loader = createImageLoader(images, {
    size,
    batchSize,
    workers: workersOf(workers, ranks),
    onUnreadable,
    ...timeLimits({ imageTimeout }),
    ...(only && { only }),
    dtype: "uint8",
    reuse: true,
    signal,
  });
  return {
    batches: () => loader.epoch(0),
    rounds,
    unreadable: loader.unreadable,
    close: () => loader.close(),
    get threadsLeft() {
      return loader.threadsLeft;
    },
  };
}

async function* noBatches(): AsyncGenerator<ImageBatch, void, undefined> {}

/** The positions of every R-th batch. */
function dealBatches(
  count: number,
  batchSize: number,
  { rank, size }: Pick<Ranks, "rank" | "size">,
): number[] {
  const positions: number[] = [];
  for (let start = rank * batchSize; start < count; start += size * batchSize)
    for (let i = start; i < Math.min(start + batchSize, count); i++) positions.push(i);
  return positions;
}

/** As many as a loader remembers. */
const LISTED_UNREADABLE = 10_000;

/**
 * What all processes could not read, in the order of the list, at rank 0, which tells those of the others; this process's
 * elsewhere.
 */
export async function gatherUnreadable(
  own: readonly UnreadableImage[],
  { images, ranks, terminal }: { images: ImageList; ranks: Ranks | undefined; terminal: Terminal },
): Promise<readonly UnreadableImage[]> {
  const all = ranks && (await gatherJson(ranks, own));
  if (!all) return own;
  unreadableNotices(all.slice(1), terminal)();
  const reasons = new Map(all.flat().map(({ path, reason }) => [path, reason]));
  const sorted: UnreadableImage[] = [];
  for (let i = 0; i < images.length && sorted.length < Math.min(reasons.size, LISTED_UNREADABLE); i++) {
    const reason = reasons.get(images.nameAt(i));
    if (reason !== undefined) sorted.push({ path: images.nameAt(i), reason });
  }
  return sorted;
}

/** Joins images with their labels: sample i of `table` is position i of the loader's list. */
export async function* labelledBatches(
  batches: AsyncIterable<ImageBatch>,
  table: LabelTable,
): AsyncGenerator<Batch, void, undefined> {
  for await (const { images, indices, size, height, width } of batches) {
    yield { images, labels: table.dense(indices), size, height, width, samples: indices };
  }
}

/** How many unreadable images are named one by one; more are counted, and reported at the end. */
const NAMED_UNREADABLE = 5;

/**
 * Reports images that could not be read as soon as they are met, the first few by name, so that a dead disk is noticed
 * early in a long run.
 *
 * @returns what looks for new ones in the loaders' lists.
 */
export function unreadableNotices(
  lists: readonly (readonly UnreadableImage[])[],
  terminal: Terminal,
): () => void {
  const seen = lists.map(() => 0);
  let reported = 0;
  return () => {
    for (const [i, list] of lists.entries()) {
      for (; seen[i]! < list.length; seen[i]!++) {
        if (reported++ >= NAMED_UNREADABLE) continue;
        const { path, reason } = list[seen[i]!]!;
        const more = reported === NAMED_UNREADABLE ? " (further ones are only counted)" : "";
        terminal.info(`unreadable: ${printable(path)}: ${reason}${more}`);
      }
    }
  };
}

let left = 0;

/** Threads of this process that wait for a disk which does not answer. Node would wait for them at its end. */
export function threadsLeft(): number {
  return left;
}

/** Ends the threads of loaders; reports those that cannot be ended. */
export async function closeLoaders(
  loaders: readonly Pick<ImageLoader, "close" | "threadsLeft">[],
  terminal: Terminal,
): Promise<void> {
  await Promise.all(loaders.map((loader) => loader.close()));
  const stuck = loaders.reduce((sum, { threadsLeft }) => sum + threadsLeft, 0);
  left += stuck;
  if (stuck > 0)
    terminal.info(
      `${stuck === 1 ? "a thread waits" : `${stuck} threads wait`} for a file of an image, whose disk or server does not answer`,
    );
}
