import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { KernelBackend } from "@tensorflow/tfjs-core";
import { plainKernels, relaxedKernels } from "./compiled-kernels.js";
import type { Task } from "./task.js";

interface KernelExports {
  runJob(block: number, task: number, items: number, threads: number): void;
  setScratch(address: number): void;
  setThreads(block: number, threads: number): void;
}

/** Memory each thread may write while it works on an item; assembly/weight-gradient.ts needs the most. */
export const scratchBytes: number = 1 << 18;

const blockBytes = 512;
const blockArguments = 32;

// A helper thread: an instance of the same module on the same memory that waits for work until it is not wanted any more.
const helper = `
const { workerData: { module, memory, block, scratch, index } } = require("node:worker_threads");
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
exports.setScratch(scratch);
exports.serveJobs(block, index);
`;

/**
 * Runs our compiled kernels on TensorFlow.js's heap, on the calling thread and on helper threads. A helper that is
 * not there yet, or that the system has not scheduled, costs nothing: threads take items as they come.
 */
export class KernelRunner {
  readonly #memory: WebAssembly.Memory;
  readonly #malloc: (bytes: number) => number;
  readonly #free: (address: number) => void;
  readonly #module: WebAssembly.Module;
  readonly #exports: KernelExports;
  readonly #block: number;
  readonly #helpers: Worker[] = [];
  readonly #freeScratch: number[] = [];
  #scratch = { address: 0, bytes: 0 };
  #zeros = { address: 0, bytes: 0 };
  #words: Int32Array;
  #floats: Float32Array;

  constructor(
    memory: WebAssembly.Memory,
    heap: { malloc: (bytes: number) => number; free: (address: number) => void },
  ) {
    this.#memory = memory;
    this.#malloc = heap.malloc;
    this.#free = heap.free;
    this.#module = compileKernels();
    this.#exports = new WebAssembly.Instance(this.#module, { env: { memory } })
      .exports as unknown as KernelExports;
    this.#block = heap.malloc(blockBytes);
    this.#exports.setScratch(heap.malloc(scratchBytes));
    this.#words = new Int32Array(memory.buffer);
    this.#floats = new Float32Array(memory.buffer);
    this.#words.fill(0, this.#block >> 2, (this.#block + blockBytes) >> 2);
  }

  get threads(): number {
    return this.#helpers.length + 1;
  }

  /** Starts or ends helper threads until `threads` work, the caller included. The process ends without waiting for them. */
  setThreads(threads: number): void {
    this.#exports.setThreads(this.#block, threads);
    this.#helpers.length = Math.min(this.#helpers.length, threads - 1);
    while (this.threads < threads) this.#helpers.push(this.#startHelper(this.threads));
  }

  #startHelper(index: number): Worker {
    const scratch = this.#freeScratch.pop() ?? this.#malloc(scratchBytes);
    const workerData = { module: this.#module, memory: this.#memory, block: this.#block, scratch, index };
    const worker = new Worker(helper, { eval: true, workerData, execArgv: [], env: {} });
    // A helper that cannot start (no memory, say) is no error: the others do its work.
    worker.once("error", () => {});
    worker.once("exit", () => this.#freeScratch.push(scratch));
    worker.unref();
    return worker;
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
    this.#exports.runJob(this.#block, task, items, this.threads);
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

/**
 * Compiles our kernels, with fused multiply-add where the engine can be brought to offer it. V8 has relaxed SIMD on
 * by default since Node 21; Node 20 has it behind a flag that may be set while running, before the compilation.
 */
function compileKernels(): WebAssembly.Module {
  const relaxed = Buffer.from(relaxedKernels, "base64");
  if (!WebAssembly.validate(relaxed)) setFlagsFromString("--experimental-wasm-relaxed-simd");
  return new WebAssembly.Module(
    WebAssembly.validate(relaxed) ? relaxed : Buffer.from(plainKernels, "base64"),
  );
}

const runners = new WeakMap<KernelBackend, KernelRunner>();

/** The runner of a backend that {@link startEngine} made; undefined for a wasm backend that someone else started. */
export function runnerOf(backend: unknown): KernelRunner | undefined {
  return runners.get(backend as KernelBackend);
}

export function setRunner(backend: KernelBackend, runner: KernelRunner): void {
  runners.set(backend, runner);
}
