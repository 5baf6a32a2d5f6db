import type { BatchArray, BatchType } from "./loader-options.js";

/** A batch of square RGB pictures. */
export type ImageBatch<T extends BatchType = BatchType> = {
  /** [size, height, width, 3]; uint8 0..255 or float32 0..1. The consumer owns it. */
  images: BatchArray[T];
  /** Positions of the pictures in `paths`, [size]: look the labels up by these. */
  indices: Uint32Array;
  /** Number of pictures. */
  size: number;
  height: number;
  width: number;
};

/** Collects pictures until they are a batch. */
export class BatchBuffer<T extends BatchType> {
  #images: BatchArray[T];
  #indices: Uint32Array;
  #filled = 0;

  constructor(
    readonly batchSize: number,
    readonly side: number,
    readonly dtype: T,
  ) {
    this.#images = newSamples(dtype, batchSize * side * side * 3);
    this.#indices = new Uint32Array(batchSize);
  }

  get full(): boolean {
    return this.#filled === this.batchSize;
  }

  get empty(): boolean {
    return this.#filled === 0;
  }

  /** Appends the picture at position `index`, [side, side, 3]. */
  add(index: number, picture: Uint8Array): void {
    const at = this.#filled * picture.length;
    if (this.#images instanceof Float32Array) toUnit(picture, this.#images, at);
    else this.#images.set(picture, at);
    this.#indices[this.#filled] = index;
    this.#filled++;
  }

  /** The batch so far; the buffer is not used again. */
  finish(): ImageBatch<T> {
    const size = this.#filled;
    const samples = size * this.side * this.side * 3;
    return {
      // slice, not subarray: a short batch must not keep (or hand to a transfer) the full one's memory.
      images: this.full ? this.#images : (this.#images.slice(0, samples) as BatchArray[T]),
      indices: this.full ? this.#indices : this.#indices.slice(0, size),
      size,
      height: this.side,
      width: this.side,
    };
  }
}

function newSamples<T extends BatchType>(dtype: T, length: number): BatchArray[T] {
  return (dtype === "float32" ? new Float32Array(length) : new Uint8Array(length)) as BatchArray[T];
}

/** v / 255, as torchvision's ToTensor. */
function toUnit(picture: Uint8Array, out: Float32Array, at: number): void {
  // For all 256 levels the double product rounds to the same float32 as the quotient (a test counts).
  const scale = 1 / 255;
  for (let i = 0; i < picture.length; i++) out[at + i] = picture[i]! * scale;
}
