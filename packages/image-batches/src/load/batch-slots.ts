import { CslError } from "@csl/internal/errors/csl-error";
import type { ImageSlot } from "./image-slot.js";
import type { BatchArray, BatchType } from "./loader-options.js";

/** A batch of square RGB images. */
export type ImageBatch<T extends BatchType = BatchType> = {
  /** [size, height, width, 3]; uint8 0..255 or float32 0..1. Yours; with `reuse`, until you ask for the next batch or leave the loop. */
  images: BatchArray[T];
  /** Positions of the images in the list, [size]: look the labels up by these. */
  indices: Uint32Array;
  /** Number of images. */
  size: number;
  height: number;
  width: number;
  /** Which batch of the epoch this is, from 0. To continue after it: `epoch(n, { from: number + 1 })`. */
  number: number;
};

/** A batch being made: one slot per image, filled in any order. */
export class BatchSlots<T extends BatchType> {
  readonly #positions: Uint32Array;
  readonly #empty: Uint8Array;

  constructor(
    readonly number: number,
    size: number,
    readonly side: number,
    readonly dtype: T,
    /** At least size · side² · 3 samples; the slots are its beginning. */
    readonly memory: SharedArrayBuffer,
  ) {
    this.#positions = new Uint32Array(size);
    this.#empty = new Uint8Array(size).fill(1);
  }

  get #samples(): number {
    return this.side * this.side * 3;
  }

  slot(index: number): ImageSlot {
    return { memory: this.memory, dtype: this.dtype, start: index * this.#samples };
  }

  /** Notes that an image is in its slot. */
  filled(index: number, position: number): void {
    this.#positions[index] = position;
    this.#empty[index] = 0;
  }

  /** The images that came, in the order of the slots, as a view; gaps are closed. */
  finish(): ImageBatch<T> {
    const samples = this.#samples;
    const images = newView(this.dtype, this.memory);
    let size = 0;
    for (let i = 0; i < this.#empty.length; i++) {
      if (this.#empty[i]) continue;
      if (size < i) images.copyWithin(size * samples, i * samples, (i + 1) * samples);
      this.#positions[size++] = this.#positions[i]!;
    }
    return {
      images: images.subarray(0, size * samples) as BatchArray[T],
      indices: this.#positions.slice(0, size),
      size,
      height: this.side,
      width: this.side,
      number: this.number,
    };
  }
}

/** Bytes of a sample. */
export const BYTES: Readonly<Record<BatchType, number>> = { uint8: 1, float32: 4 };

function newView<T extends BatchType>(dtype: T, memory: SharedArrayBuffer): BatchArray[T] {
  return (dtype === "float32" ? new Float32Array(memory) : new Uint8Array(memory)) as BatchArray[T];
}

/**
 * Shared memory for batches, all of one size. What is given back is used again, so that a run allocates no more than
 * the batches that exist at one time. That matters: the garbage collector does not count shared memory, and would let
 * gigabytes of it pile up.
 */
export class BatchMemory {
  #free: SharedArrayBuffer[] = [];

  constructor(readonly bytes: number) {}

  take(): SharedArrayBuffer {
    const free = this.#free.pop();
    if (free) return free;
    try {
      return new SharedArrayBuffer(this.bytes);
    } catch (cause) {
      throw new CslError(
        "invalid-argument",
        `image loader: expected memory for a batch of ${(this.bytes / 1e9).toFixed(1)} GB, got none. ` +
          "Lower batchSize, size or prefetch, or choose dtype uint8.",
        { cause },
      );
    }
  }

  /** Only for memory that is no longer written to or read. */
  giveBack(memory: SharedArrayBuffer): void {
    this.#free.push(memory);
  }
}
