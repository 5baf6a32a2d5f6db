import { BatchBuffer, type ImageBatch } from "./batch-buffer.js";
import { epochOrder } from "./epoch-order.js";
import { createInProcessPool } from "./in-process-pool.js";
import { type BatchType, type ImageLoaderOptions, loaderSettings } from "./loader-options.js";
import { mixSeeds } from "./mix-seeds.js";
import type { PicturePool } from "./picture-pool.js";
import type { PreparedPicture } from "./prepare-picture.js";
import { createWorkerPool } from "./worker-pool.js";
import { findWorkerProgram } from "./worker-program.js";

/** A picture that was left out, and why. */
export type UnreadablePicture = { path: string; reason: string };

export type ImageLoader<T extends BatchType = BatchType> = {
  /** The batches of an epoch (default 0). Breaking out of the loop drops what was prepared ahead. */
  epoch(epoch?: number): AsyncGenerator<ImageBatch<T>, void, undefined>;
  /** Batches of an epoch, as far as is known: unreadable pictures count until they are found. */
  readonly batches: number;
  /** The pictures found unreadable so far, each once. They are not tried again. */
  readonly unreadable: readonly UnreadablePicture[];
  /** Threads in use; 0 when in-process. */
  readonly workers: number;
  /** Ends the threads and any running epoch. */
  close(): Promise<void>;
};

/**
 * Turns picture files into batches, epoch after epoch, on worker threads that stay alive until `close()`.
 *
 * What comes out depends on the paths, the options and the epoch alone, never on the number of threads or on
 * timing. An unreadable picture's place is taken by the next one, so every batch but the last is full.
 *
 * @param paths picture files; a batch's `indices` are positions in it
 * @throws on options that do not fit
 */
export function createImageLoader<T extends BatchType = "uint8">(
  paths: readonly string[],
  options: ImageLoaderOptions<T>,
): ImageLoader<T> {
  const settings = loaderSettings(paths, options);
  const { seed, shuffle, batchSize, dropLast, size, dtype, onUnreadable } = settings;
  const unreadable: UnreadablePicture[] = [];
  const skipped = new Set<number>();
  const cache = settings.cache === "memory" ? new Map<number, Uint8Array>() : undefined;
  const program = settings.workers > 0 ? findWorkerProgram() : undefined;
  const workers = program ? Math.min(settings.workers, settings.positions.length) : 0;
  // Opened by the first epoch: a loader that nobody reads from starts no thread.
  let opened: PicturePool | undefined;
  const openPool = (): PicturePool => (program ? createWorkerPool(workers, program) : createInProcessPool());
  let group = 0;
  let closed = false;

  /** Records a bad picture, or throws. */
  function leaveOut(index: number, reason: string): void {
    const path = paths[index]!;
    if (onUnreadable === "fail") {
      throw new Error(
        `image loader: expected every picture to be readable, got ${path}: ${reason}. ` +
          'onUnreadable: "skip" leaves such pictures out.',
      );
    }
    if (skipped.has(index)) return;
    skipped.add(index);
    unreadable.push({ path, reason });
  }

  function prepare(
    pool: PicturePool,
    index: number,
    epoch: number,
    ofGroup: number,
  ): PreparedPicture | Promise<PreparedPicture> {
    const resized = cache?.get(index);
    if (resized && settings.augment === "none") return { data: resized };
    return pool.run(
      {
        source: resized ?? paths[index]!,
        size,
        filter: settings.filter,
        autoOrient: settings.autoOrient,
        augment: settings.augment,
        seed: mixSeeds(seed, epoch, index),
        keepResized: cache !== undefined && resized === undefined,
      },
      ofGroup,
    );
  }

  async function* epoch(number = 0): AsyncGenerator<ImageBatch<T>, void, undefined> {
    if (closed) throw new Error("image loader: expected an open loader, got a closed one. Create another.");
    if (!(Number.isSafeInteger(number) && number >= 0)) {
      throw new RangeError(`image loader: expected an epoch of 0 or more, got ${number}.`);
    }
    settings.signal?.throwIfAborted();
    opened ??= openPool();
    const pool = opened;
    const ownGroup = group++;
    const onAbort = (): void => pool.cancel(ownGroup, settings.signal?.reason);
    settings.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const order = epochOrder(settings.positions, { shuffle, seed, epoch: number });
      const readable = order.filter((index) => !skipped.has(index));
      const ahead: { index: number; picture: PreparedPicture | Promise<PreparedPicture> }[] = [];
      let next = 0;
      let any = false;
      let buffer = new BatchBuffer(batchSize, size, dtype);
      const fetchAhead = (): void => {
        while (ahead.length < batchSize * settings.prefetch && next < readable.length) {
          const index = readable[next++]!;
          ahead.push({ index, picture: prepare(pool, index, number, ownGroup) });
        }
      };
      for (fetchAhead(); ahead.length > 0; fetchAhead()) {
        const { index, picture } = ahead.shift()!;
        const prepared = await picture;
        settings.signal?.throwIfAborted();
        if ("unreadable" in prepared) {
          leaveOut(index, prepared.unreadable);
          continue;
        }
        if (prepared.resized) cache?.set(index, prepared.resized);
        any = true;
        buffer.add(index, prepared.data);
        if (!buffer.full) continue;
        fetchAhead();
        yield buffer.finish();
        settings.signal?.throwIfAborted();
        buffer = new BatchBuffer(batchSize, size, dtype);
      }
      if (!any) throw noneReadable(settings.positions.length, unreadable);
      if (!buffer.empty && !dropLast) yield buffer.finish();
    } finally {
      settings.signal?.removeEventListener("abort", onAbort);
      pool.cancel(ownGroup, new Error("image loader: this epoch has ended."));
    }
  }

  return {
    epoch,
    get batches() {
      const pictures = settings.positions.filter((index) => !skipped.has(index)).length;
      return dropLast ? Math.floor(pictures / batchSize) : Math.ceil(pictures / batchSize);
    },
    unreadable,
    workers,
    async close() {
      closed = true;
      cache?.clear();
      await opened?.close(new Error("image loader: closed while an epoch was running."));
    },
  };
}

function noneReadable(count: number, unreadable: readonly UnreadablePicture[]): Error {
  const first = unreadable[0];
  return new Error(
    `image loader: expected at least one readable picture, got ${count} that are not. ` +
      `The first: ${first?.path}: ${first?.reason}. Is the folder right, and are the pictures there?`,
  );
}
