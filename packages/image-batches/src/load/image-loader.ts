import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { type ImageList, toImageList } from "../sources/image-list.js";
import { createInProcessPool } from "../workers/in-process-pool.js";
import { createWorkerPool, type TaskPool } from "../workers/worker-pool.js";
import { findWorkerProgram, type WorkerProgram } from "../workers/worker-program.js";
import { BatchMemory, BYTES, type ImageBatch } from "./batch-slots.js";
import { epochBatches, type LoaderStats } from "./epoch-batches.js";
import { mixSeeds } from "./epoch-order.js";
import { fillSlot, type ImageSlot } from "./image-slot.js";
import {
  type BatchType,
  type ImageLoaderOptions,
  loaderOptionNames,
  loaderSettings,
} from "./loader-options.js";
import type { PreparedImage } from "./prepare-image.js";
import { type UnreadableImage, UnreadableImages } from "./unreadable-images.js";

export type EpochOptions = {
  /** Batches of the epoch that were consumed already: it continues after them, as if it had not been interrupted. Default 0. */
  from?: number;
};

export type ImageLoader<T extends BatchType = BatchType> = {
  /** The batches of an epoch (default 0). Breaking out of the loop drops what was prepared ahead. */
  epoch(epoch?: number, options?: EpochOptions): AsyncGenerator<ImageBatch<T>, void, undefined>;
  /** Batches of an epoch; the same for every epoch and every rank. */
  readonly batches: number;
  /** The images found unreadable so far, each once (the first 10,000 of them). They are not tried again. */
  readonly unreadable: readonly UnreadableImage[];
  readonly stats: LoaderStats;
  /** Seconds that the consumer has waited for batches so far. */
  readonly waitedSeconds: number;
  /** Threads in use; 0 when in-process. */
  readonly workers: number;
  /** Ends the threads and any running epoch. */
  close(): Promise<void>;
  /**
   * After `close()`: threads that could not be ended, because they wait for a disk that does not answer. Node waits for
   * them before it ends the process.
   */
  readonly threadsLeft: number;
};

/**
 * Turns images into batches, epoch after epoch, on worker threads that stay alive until `close()`.
 *
 * What comes out depends on the images, the options and the epoch alone, never on the number of threads, on timing
 * or on what the loader did before. A batch holds fixed places of the epoch's order; `onUnreadable` says what happens
 * to the place of an image that cannot be read.
 *
 * @param images paths of image files, or a list; a batch's `indices` are positions in it
 * @throws CslError `unknown-option`, `invalid-argument`
 */
export function createImageLoader<T extends BatchType = "uint8">(
  images: readonly string[] | ImageList,
  options: ImageLoaderOptions<T>,
): ImageLoader<T> {
  checkOptions("createImageLoader", options, loaderOptionNames);
  return createLoaderWith(findWorkerProgram, images, options);
}

/** `createImageLoader` with the program of its threads as a parameter. */
export function createLoaderWith<T extends BatchType = "uint8">(
  findProgram: () => WorkerProgram | undefined,
  images: readonly string[] | ImageList,
  options: ImageLoaderOptions<T>,
): ImageLoader<T> {
  const list = toImageList(images);
  const settings = loaderSettings(list.length, options);
  const { seed, batchSize, size } = settings;
  const unreadable = new UnreadableImages(list.length, (position) => list.nameAt(position));
  const cache = settings.cache === "memory" ? new Map<number, Uint8Array>() : undefined;
  const program = settings.workers > 0 ? findProgram() : undefined;
  const share = Math.floor((settings.only?.length ?? list.length) / settings.ranks);
  const batches = settings.dropLast ? Math.floor(share / batchSize) : Math.ceil(share / batchSize);
  if (batches === 0) {
    throw new CslError(
      "invalid-argument",
      `image loader: expected dropLast to leave a batch, got ${share} images for batches of ${batchSize}. ` +
        "Lower batchSize, or keep the last batch.",
    );
  }
  const workers = program ? Math.min(settings.workers, share) : 0;
  const batchBytes = batchSize * size * size * 3 * BYTES[settings.dtype];
  const ahead = Math.max(1, Math.min(settings.prefetch, Math.floor(settings.prefetchBytes / batchBytes)));
  const memory = new BatchMemory(batchBytes);
  // Opened by the first epoch: a loader that is not used starts no thread.
  let opened: TaskPool | undefined;
  const openPool = (): TaskPool =>
    program
      ? createWorkerPool(workers, { program, speaker: "image loader", maxDeaths: 16, count: "in all" })
      : createInProcessPool();
  const counted = { batches: 0, images: 0, waitedMs: 0, busyMs: 0 };
  let group = 0;
  let closed = false;
  let left = 0;

  async function prepare(
    pool: TaskPool,
    position: number,
    slot: ImageSlot,
    epoch: number,
    ofGroup: number,
  ): Promise<PreparedImage> {
    const cached = cache?.get(position);
    if (cached && settings.augment === "none") {
      fillSlot(slot, cached);
      return {};
    }
    const prepared = await pool.run(
      {
        kind: "prepare",
        source: cached ?? list.at(position),
        slot,
        timeout: settings.imageTimeout,
        decodeTimeout: settings.decodeTimeout,
        size,
        filter: settings.filter,
        autoOrient: settings.autoOrient,
        augment: settings.augment,
        seed: mixSeeds(seed, epoch, position),
        keepResized: cache !== undefined && cached === undefined,
      },
      ofGroup,
    );
    if ("resized" in prepared && prepared.resized) cache?.set(position, prepared.resized);
    return prepared;
  }

  async function* epoch(
    number = 0,
    options: EpochOptions = {},
  ): AsyncGenerator<ImageBatch<T>, void, undefined> {
    checkOptions("epoch", options, { from: true });
    const { from = 0 } = options;
    if (closed)
      throw new CslError(
        "closed",
        "image loader: expected an open loader, got a closed one. Create another.",
      );
    if (!(Number.isSafeInteger(number) && number >= 0)) {
      throw new CslError("invalid-argument", `image loader: expected an epoch of 0 or more, got ${number}.`);
    }
    if (!(Number.isSafeInteger(from) && from >= 0 && from <= batches)) {
      throw new CslError(
        "invalid-argument",
        `image loader: expected from to be 0 … ${batches} (the batches of an epoch), got ${from}. ` +
          "Are images, batchSize and ranks those of the run that is resumed?",
      );
    }
    settings.signal?.throwIfAborted();
    opened ??= openPool();
    const pool = opened;
    const ownGroup = group++;
    const onAbort = (): void => void pool.cancel(ownGroup, settings.signal?.reason);
    settings.signal?.addEventListener("abort", onAbort, { once: true });
    const taken = new Set<SharedArrayBuffer>();
    try {
      yield* epochBatches({
        epoch: number,
        from,
        batches,
        ahead,
        count: list.length,
        settings,
        memory,
        taken,
        unreadable,
        counted,
        prepare: (position, slot) => prepare(pool, position, slot, number, ownGroup),
      });
    } finally {
      settings.signal?.removeEventListener("abort", onAbort);
      void pool.cancel(ownGroup, new CslError("closed", "image loader: this epoch has ended.")).then(() => {
        for (const buffer of taken) memory.giveBack(buffer);
      });
    }
  }

  return {
    epoch,
    batches,
    unreadable: unreadable.list,
    get stats() {
      return { ...counted, unreadable: unreadable.count, incidents: opened?.incidents ?? [] };
    },
    get waitedSeconds() {
      return counted.waitedMs / 1000;
    },
    workers,
    get threadsLeft() {
      return left;
    },
    async close() {
      closed = true;
      cache?.clear();
      left =
        (await opened?.close(new CslError("closed", "image loader: closed while an epoch was running."))) ??
        0;
    },
  };
}
