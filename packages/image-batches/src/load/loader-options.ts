import { availableParallelism } from "node:os";
import type { OptionNames } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { type Filter, kernels } from "@csl/internal/images/resample-table";
import { type Augmentation, augmentations } from "../augment/augmentations.js";
import { DECODE_TIMEOUT } from "../decode/decode-image.js";
import { isSide } from "../image.js";

/** The array type of a batch's images, by `dtype`. */
export type BatchArray = { uint8: Uint8Array; float32: Float32Array };
export type BatchType = keyof BatchArray;

export type ImageLoaderOptions<T extends BatchType = BatchType> = {
  /** Side of the square that every image is squashed to, in pixels. */
  size: number;
  batchSize: number;
  /** Seeds the shuffle and the augmentation, 0 … 2^32 - 1. Default 0. */
  seed?: number;
  /** Another order each epoch, decided by (seed, epoch). Default false. */
  shuffle?: boolean;
  /** "reference": Cutout, then RandAugment, decided by (seed, epoch, image). Default "none". */
  augment?: Augmentation;
  /** Default "bilinear", as torchvision's Resize. */
  filter?: Filter;
  /** "uint8": 0..255; "float32": divided by 255, as torchvision's ToTensor. Default "uint8". */
  dtype?: T;
  /** Leave out a last batch that is not full. Default false. */
  dropLast?: boolean;
  /** Threads; 0 works in-process. Default: one less than the machine's cores, 1 to 8. */
  workers?: number;
  /** Batches prepared ahead of the consumer. Default 2. */
  prefetch?: number;
  /** Bound of their memory: fewer are prepared ahead where they would take more (one always is). Default 1 GiB. */
  prefetchBytes?: number;
  /**
   * Lend batches instead of giving them away: `images` is the memory that the threads wrote to, and they write to it
   * again once you have asked for the next batch or left the loop. Nothing is copied, and nothing is allocated after the first batches.
   * Default false.
   */
  reuse?: boolean;
  /**
   * What happens to a batch with an unreadable image (all are listed in `unreadable`). "skip": it is smaller, and
   * every image comes once; for evaluation. "replace": the image a batch further on in the order, or the first
   * readable one after it, comes here too; every batch is full. "fail": the epoch throws. Default "skip".
   */
  onUnreadable?: "skip" | "replace" | "fail";
  /** This process's share of the images, 0 … ranks - 1. Default 0. */
  rank?: number;
  /** Processes that share the images: each gets an equal part, disjoint from the others'. Default 1. */
  ranks?: number;
  /** Visit only these positions of the list. Default: all. */
  only?: ArrayLike<number>;
  /** "memory" keeps the resized images (size² · 3 bytes each): later epochs read no file. Default "none". */
  cache?: "none" | "memory";
  /** Apply EXIF orientation. The reference does not. Default false. */
  autoOrient?: boolean;
  /**
   * Milliseconds that you wait for a batch at most; then the epoch throws and names the image that does not come, e.g.
   * from a server that no longer answers. Default 0: without limit.
   */
  timeout?: number;
  /**
   * Milliseconds that reading the file of one image may take; then the image counts as unreadable, as `onUnreadable`
   * says. Default 0: without limit.
   */
  imageTimeout?: number;
  /**
   * Milliseconds that decoding one image may take; then it counts as unreadable, and the thread that does it is ended and
   * replaced. 0: without limit. Default 60,000.
   */
  decodeTimeout?: number;
  /** Ends a running epoch: its generator throws the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds of a clock, for `stats`. Default `performance.now`. */
  now?: () => number;
};

export const loaderOptionNames: OptionNames<ImageLoaderOptions> = {
  size: true,
  batchSize: true,
  seed: true,
  shuffle: true,
  augment: true,
  filter: true,
  dtype: true,
  dropLast: true,
  workers: true,
  prefetch: true,
  prefetchBytes: true,
  reuse: true,
  onUnreadable: true,
  rank: true,
  ranks: true,
  only: true,
  cache: true,
  autoOrient: true,
  timeout: true,
  imageTimeout: true,
  decodeTimeout: true,
  signal: true,
  now: true,
};

/** The options with every default filled in and everything checked. */
export type LoaderSettings<T extends BatchType> = Required<Omit<ImageLoaderOptions<T>, "signal" | "only">> & {
  signal: AbortSignal | undefined;
  only: Uint32Array | undefined;
};

/** @throws naming the option that does not fit */
export function loaderSettings<T extends BatchType>(
  /** Number of images in the list. */
  count: number,
  {
    size,
    batchSize,
    seed = 0,
    shuffle = false,
    augment = "none",
    filter = "bilinear",
    dtype = "uint8" as T,
    dropLast = false,
    workers = Math.min(Math.max(availableParallelism() - 1, 1), 8),
    prefetch = 2,
    prefetchBytes = 2 ** 30,
    reuse = false,
    onUnreadable = "skip",
    rank = 0,
    ranks = 1,
    only,
    cache = "none",
    autoOrient = false,
    timeout = 0,
    imageTimeout = 0,
    decodeTimeout = DECODE_TIMEOUT,
    signal,
    now = () => performance.now(),
  }: ImageLoaderOptions<T>,
): LoaderSettings<T> {
  expectThat(isSide(size), "size", "a number of pixels of at least 1", size);
  expectThat(isWhole(batchSize, 1), "batchSize", "a whole number of at least 1", batchSize);
  expectThat(isWhole(seed, 0) && seed < 2 ** 32, "seed", "a whole number of 0 … 2^32 - 1", seed);
  expectThat(isWhole(workers, 0) && workers <= 1024, "workers", "a whole number from 0 to 1024", workers);
  expectThat(isWhole(prefetch, 1), "prefetch", "a whole number of at least 1", prefetch);
  expectThat(prefetchBytes >= 0, "prefetchBytes", "a number of bytes of at least 0", prefetchBytes);
  // What setTimeout takes.
  for (const [name, ms] of Object.entries({ timeout, imageTimeout, decodeTimeout }))
    expectThat(ms >= 0 && ms < 2 ** 31, name, "0 … 2^31 - 1 milliseconds", ms);
  expectThat(isWhole(ranks, 1), "ranks", "a whole number of at least 1", ranks);
  expectThat(
    isWhole(rank, 0) && rank < ranks,
    "rank",
    `a whole number of 0 … ${ranks - 1} (ranks - 1)`,
    rank,
  );
  expectChoice("augment", Object.keys(augmentations), augment);
  expectChoice("filter", Object.keys(kernels), filter);
  expectChoice("dtype", ["uint8", "float32"], dtype);
  expectChoice("onUnreadable", ["skip", "replace", "fail"], onUnreadable);
  expectChoice("cache", ["none", "memory"], cache);
  const positions = checkPositions(count, only);
  const visited = positions?.length ?? count;
  expectThat(ranks <= visited, "ranks", `at most the number of images (${visited})`, ranks);
  return {
    size,
    batchSize,
    seed,
    shuffle,
    augment,
    filter,
    dtype,
    dropLast,
    workers,
    prefetch,
    prefetchBytes,
    reuse,
    onUnreadable,
    rank,
    ranks,
    only: positions,
    cache,
    autoOrient,
    timeout,
    imageTimeout,
    decodeTimeout,
    signal,
    now,
  };
}

/** Undefined means all: a list of millions then needs no array of its positions. */
function checkPositions(count: number, only: ArrayLike<number> | undefined): Uint32Array | undefined {
  expectThat(count < 2 ** 32, "images", "fewer than 2^32", count);
  if (only === undefined) {
    expectThat(count > 0, "images", "at least one image", `${count} images`);
    return undefined;
  }
  expectThat(only.length > 0, "only", "at least one position", `${only.length} positions`);
  for (let i = 0; i < only.length; i++) {
    const fits = isWhole(only[i]!, 0) && only[i]! < count;
    expectThat(fits, "only", `positions below ${count} (the number of images)`, only[i]);
  }
  return Uint32Array.from(only);
}

function isWhole(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least;
}

function expectThat(holds: boolean, option: string, expected: string, actual: unknown): void {
  if (!holds)
    throw new CslError(
      "invalid-argument",
      `image loader: expected ${option} to be ${expected}, got ${String(actual)}.`,
    );
}

function expectChoice(option: string, choices: readonly string[], actual: string): void {
  expectThat(choices.includes(actual), option, `one of "${choices.join('", "')}"`, actual);
}
