import { availableParallelism } from "node:os";
import { type Augmentation, augmentations } from "./augmentations.js";
import { isSide } from "./image.js";
import { type Filter, kernels } from "./resample-table.js";

/** The array type of a batch's pictures, by `dtype`. */
export type BatchArray = { uint8: Uint8Array; float32: Float32Array };
export type BatchType = keyof BatchArray;

export type ImageLoaderOptions<T extends BatchType = BatchType> = {
  /** Side of the square that every picture is squashed to, in pixels. */
  size: number;
  batchSize: number;
  /** Seeds the shuffle and the augmentation, 0 … 2^32 - 1. Default 0. */
  seed?: number;
  /** Another order each epoch, decided by (seed, epoch). Default false. */
  shuffle?: boolean;
  /** "reference": Cutout, then RandAugment, decided by (seed, epoch, picture). Default "none". */
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
  /** "skip" leaves unreadable pictures out (listed in `unreadable`), "fail" throws. Default "skip". */
  onUnreadable?: "skip" | "fail";
  /** Visit only these positions of `paths`. Default: all. */
  only?: ArrayLike<number>;
  /** "memory" keeps the resized pictures (size² · 3 bytes each): later epochs read no file. Default "none". */
  cache?: "none" | "memory";
  /** Apply EXIF orientation. The reference does not. Default false. */
  autoOrient?: boolean;
  /** Ends a running epoch: its generator throws the signal's reason. */
  signal?: AbortSignal;
};

/** The options with every default filled in and everything checked. */
export type LoaderSettings<T extends BatchType> = Required<Omit<ImageLoaderOptions<T>, "signal" | "only">> & {
  signal: AbortSignal | undefined;
  positions: Uint32Array;
};

/** @throws naming the option that does not fit */
export function loaderSettings<T extends BatchType>(
  paths: readonly string[],
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
    onUnreadable = "skip",
    only,
    cache = "none",
    autoOrient = false,
    signal,
  }: ImageLoaderOptions<T>,
): LoaderSettings<T> {
  expectThat(isSide(size), "size", "a number of pixels of at least 1", size);
  expectThat(isWhole(batchSize, 1), "batchSize", "a whole number of at least 1", batchSize);
  expectThat(isWhole(seed, 0) && seed < 2 ** 32, "seed", "a whole number of 0 … 2^32 - 1", seed);
  expectThat(isWhole(workers, 0), "workers", "a whole number of at least 0", workers);
  expectThat(isWhole(prefetch, 1), "prefetch", "a whole number of at least 1", prefetch);
  expectOneOf("augment", Object.keys(augmentations), augment);
  expectOneOf("filter", Object.keys(kernels), filter);
  expectOneOf("dtype", ["uint8", "float32"], dtype);
  expectOneOf("onUnreadable", ["skip", "fail"], onUnreadable);
  expectOneOf("cache", ["none", "memory"], cache);
  const positions = positionsOf(paths, only);
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
    onUnreadable,
    cache,
    autoOrient,
    signal,
    positions,
  };
}

function positionsOf(paths: readonly string[], only: ArrayLike<number> | undefined): Uint32Array {
  if (only === undefined) {
    expectThat(paths.length > 0, "paths", "at least one picture", `${paths.length} paths`);
    return Uint32Array.from(paths.keys());
  }
  expectThat(only.length > 0, "only", "at least one position", `${only.length} positions`);
  const outside = Array.from(only).find((position) => !(isWhole(position, 0) && position < paths.length));
  expectThat(outside === undefined, "only", `positions below ${paths.length} (the number of paths)`, outside);
  return Uint32Array.from(only);
}

function isWhole(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least;
}

function expectThat(holds: boolean, option: string, expected: string, actual: unknown): void {
  if (!holds)
    throw new RangeError(`image loader: expected ${option} to be ${expected}, got ${String(actual)}.`);
}

function expectOneOf(option: string, choices: readonly string[], actual: string): void {
  expectThat(choices.includes(actual), option, `one of "${choices.join('", "')}"`, actual);
}
