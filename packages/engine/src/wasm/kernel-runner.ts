import type { KernelBackend } from "@tensorflow/tfjs-core";
import type { LoadedKernels } from "./load-kernels.js";
import type { Task } from "./task.js";
import type { ThreadHost } from "./thread-host.js";

/** Memory each thread may write while it works on an item; assembly/weight-gradient.ts needs the most. */
export const scratchBytes: number = 1 << 18;

const blockBytes = 512;
const blockArguments = 32;
/** The word of the block that forbids the caller to sleep: assembly/job.ts. */
const blockSpins = 24;

/**
 * Runs our compiled kernels on TensorFlow.js's heap, on the calling thread and on helper threads. A helper that is
 * not there yet, or that the system has not scheduled, costs nothing: threads take items as they come.
 */
export class KernelRunner {
  readonly #memory: WebAssembly.Memory;
  readonly #malloc: (bytes: number) => number;
  readonly #free: (address: number) => void;
  readonly #kernels: LoadedKernels;
  readonly #host: ThreadHost;
  readonly #block: number;
  #helpers = 0;
  readonly #freeScratch: number[] = [];
  #scratch = { address: 0, bytes: 0 };
  #zeros = { address: 0, bytes: 0 };
  #words: Int32Array;
  #floats: Float32Array;

  constructor(
    memory: WebAssembly.Memory,
    heap: { malloc: (bytes: number) => number; free: (address: number) => void },
    { kernels, host }: { kernels: LoadedKernels; host: ThreadHost },
  ) {
    this.#memory = memory;
    this.#malloc = heap.malloc;
    this.#free = heap.free;
    this.#kernels = kernels;
    this.#host = host;
    this.#block = heap.malloc(blockBytes);
    kernels.exports.setScratch(heap.malloc(scratchBytes));
    this.#words = new Int32Array(memory.buffer);
    this.#floats = new Float32Array(memory.buffer);
    this.#words.fill(0, this.#block >> 2, (this.#block + blockBytes) >> 2);
    this.#words[(this.#block + blockSpins) >> 2] = host.mayWait ? 0 : 1;
  }

  get threads(): number {
    return this.#helpers + 1;
  }

  /** Starts or ends helper threads until `threads` work, the caller included. The process ends without waiting for them. */
  setThreads(threads: number): void {
    this.#kernels.exports.setThreads(this.#block, threads);
    this.#helpers = Math.min(this.#helpers, threads - 1);
    for (; this.threads < threads; this.#helpers++) this.#startHelper(this.threads);
  }

  #startHelper(index: number): void {
    const scratch = this.#freeScratch.pop() ?? this.#malloc(scratchBytes);
    const { module } = this.#kernels;
    const data = { module, memory: this.#memory, block: this.#block, scratch, index };
    this.#host.startHelper(data, () => this.#freeScratch.push(scratch));
  }

  /** Runs `items` items of a task. `args`: addresses and integers; `floats` follow them in the argument list. */
  run(task: Task, items: number, args: readonly number[], floats: readonly number[] = []): void {
    if (this.#words.buffer !== this.#memory.buffer) {
      this.#words = new Int32Array(this.#memory.buffer);
      this.#floats = new Float32Array(this.#memory.buffer);
    }
    const at = (this.#block + blockArguments) >>> 2;
    this.#words.set(args, at);
    this.#floats.set(floats, at + args.length);
    this.#kernels.exports.runJob(this.#block, task, items, this.threads);
  }

  /** Memory for one call's intermediate values, kept for the next call. Its former content is lost. */
  workspace(bytes: number): number {
    if (this.#scratch.bytes < bytes) {
      if (this.#scratch.address) this.#free(this.#scratch.address);
      this.#scratch = { address: this.#malloc(bytes), bytes };
    }
    return this.#scratch.address;
  }

  /** Memory that holds nothing but zeros. */
  zeros(bytes: number): number {
    if (this.#zeros.bytes < bytes) {
      if (this.#zeros.address) this.#free(this.#zeros.address);
      this.#zeros = { address: this.#malloc(bytes), bytes };
      new Uint8Array(this.#memory.buffer, this.#zeros.address, bytes).fill(0);
    }
    return this.#zeros.address;
  }
}

const runners = new WeakMap<KernelBackend, KernelRunner>();

/** The runner of a backend that {@link startEngine} made; undefined for a wasm backend that someone else started. */
export function runnerOf(backend: unknown): KernelRunner | undefined {
  return runners.get(backend as KernelBackend);
}

export function setRunner(backend: KernelBackend, runner: KernelRunner): void {
  runners.set(backend, runner);
}
