import { CslError } from "@csl/internal/errors/csl-error";
import type { Network } from "./network.js";

export interface BatchOptions {
  /** Images that run together at most. */
  batchSize: number;
  /** Milliseconds that the first image waits for others. */
  batchDelay: number;
}

interface Waiting {
  /** [size, size, 3] */
  pixels: Uint8Array;
  resolve: (logits: Float32Array) => void;
  reject: (error: unknown) => void;
}

/** Joins images that come from several calls into runs of the network, one run after the other. */
export class Batcher {
  readonly #network: Network;
  readonly #options: BatchOptions;
  #waiting: Waiting[] = [];
  /** From the first image that waits until nothing waits any more. */
  #work: Promise<void> | undefined;
  #onFull: (() => void) | undefined;
  #closed = false;

  constructor(network: Network, options: BatchOptions) {
    this.#network = network;
    this.#options = options;
  }

  /** The logits of an image, [classes]. An image whose signal is aborted before its run takes part in none. */
  run(pixels: Uint8Array, signal?: AbortSignal): Promise<Float32Array> {
    let drop = (): void => {};
    const result = new Promise<Float32Array>((resolve, reject) => {
      if (this.#closed) throw disposed();
      signal?.throwIfAborted();
      const entry: Waiting = { pixels, resolve, reject };
      drop = () => this.#drop(entry, signal?.reason);
      signal?.addEventListener("abort", drop, { once: true });
      this.#waiting.push(entry);
      if (this.#waiting.length >= this.#options.batchSize) this.#onFull?.();
      this.#work ??= this.#runAll();
    });
    // A signal of a deadline lives until then: it must not hold the pixels.
    return result.finally(() => signal?.removeEventListener("abort", drop));
  }

  /** Refuses what waits and resolves when nothing runs. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(disposed());
    this.#onFull?.();
    await this.#work;
  }

  #drop(entry: Waiting, reason: unknown): void {
    this.#waiting = this.#waiting.filter((other) => other !== entry);
    entry.reject(reason); // without effect once it has run
  }

  async #runAll(): Promise<void> {
    await this.#others();
    while (this.#waiting.length > 0) await this.#runBatch(this.#waiting.splice(0, this.#options.batchSize));
    this.#work = undefined;
  }

  /** Waits for the others that may join the first. What comes while a batch runs is the next one and waits no longer. */
  async #others(): Promise<void> {
    const { batchSize, batchDelay } = this.#options;
    await new Promise<void>((resolve) => {
      if (this.#waiting.length >= batchSize) resolve();
      const timer = setTimeout(resolve, batchDelay);
      this.#onFull = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#onFull = undefined;
  }

  async #runBatch(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    const [{ pixels: first }] = batch as [Waiting];
    const pixels = new Uint8Array(batch.length * first.length);
    for (const [i, one] of batch.entries()) pixels.set(one.pixels, i * first.length);
    try {
      const logits = await this.#network.run(pixels, batch.length);
      const classes = logits.length / batch.length;
      for (const [i, { resolve }] of batch.entries()) resolve(logits.slice(i * classes, (i + 1) * classes));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

function disposed(): CslError {
  return new CslError("closed", "tagger: expected one in use, got one that was disposed. Create another.");
}
