import { compiledKernels } from "./compiled-kernels.js";

/** What assembly/ exports; addresses and sizes are bytes of `memory`. */
export type KernelExports = {
  memory: WebAssembly.Memory;
  memoryBase(): number;
  tableBytes(): number;
  units(): number;
  buildTable(table: number, segment: number, dc: number): number;
  beginScan(from: number, end: number, stream: number): number;
  scanRow(row: number, across: number, blocks: number, interval: number): number;
  endScan(): number;
  colourRows(
    first: number,
    last: number,
    width: number,
    luma: number,
    lumaStride: number,
    blueness: number,
    redness: number,
    chromaStride: number,
    chromaWidth: number,
    chromaHeight: number,
    h: number,
    v: number,
    scratch: number,
    to: number,
  ): void;
  greyRows(first: number, last: number, width: number, luma: number, stride: number, to: number): void;
  resampleRows(
    from: number,
    to: number,
    rows: number,
    inWidth: number,
    outWidth: number,
    table: number,
    groups: number,
  ): void;
  resampleColumns(
    from: number,
    to: number,
    outHeight: number,
    stride: number,
    table: number,
    pairs: number,
  ): void;
};

/** The kernels of this thread with their memory. */
export class Kernels {
  readonly run: KernelExports;
  /** First free byte; what lies below belongs to the module. */
  readonly base: number;
  #bytes: Uint8Array;

  constructor(exports: KernelExports) {
    this.run = exports;
    this.base = (exports.memoryBase() + 63) & ~63;
    this.#bytes = new Uint8Array(exports.memory.buffer);
  }

  /** The memory as bytes; made anew when `reserve` had to move it. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.run.memory.buffer);
    return this.#bytes;
  }

  /** Makes the memory reach to `end`; views of it made before are empty when it had to move. */
  reserve(end: number): void {
    const missing = end - this.bytes.length;
    if (missing > 0) this.run.memory.grow(Math.ceil(missing / PAGE));
  }

  /** Whether the samples lie in this memory. */
  holds(samples: Uint8Array): boolean {
    return samples.buffer === this.run.memory.buffer;
  }

  /** The samples in this memory, copied there unless they are; undefined when they are too many. */
  enter(samples: Uint8Array): Uint8Array | undefined {
    if (this.holds(samples)) return samples;
    if (samples.length > LIMIT) return undefined;
    this.reserve(this.base + spaced(samples.length));
    this.bytes.set(samples, this.base);
    return this.bytes.subarray(this.base, this.base + samples.length);
  }

  /**
   * One step from samples to `length` new ones, with `scratch` bytes to work in. A step whose input lies in this
   * memory leaves its output here, too, valid until the next but one; otherwise the output has memory of its own. So
   * whoever enters a picture pays for no copy between the steps, and nobody else sees this memory.
   *
   * @returns undefined, without having called `run`, when the pictures are too large to keep memory for them
   */
  step(
    samples: Uint8Array,
    length: number,
    run: (from: number, to: number, scratch: number) => void,
    scratch = 0,
  ): Uint8Array | undefined {
    const inside = this.holds(samples);
    const room = spaced(length) + spaced(scratch);
    if (spaced(samples.length) + room > LIMIT) return undefined;
    const from = inside ? samples.byteOffset : this.base;
    const end = from + spaced(samples.length);
    const to = this.base + room <= from ? this.base : end;
    this.reserve(Math.max(to + room, end));
    if (!inside) this.bytes.set(samples, from);
    run(from, to, to + spaced(length));
    return inside ? this.bytes.subarray(to, to + length) : this.bytes.slice(to, to + length);
  }
}

const PAGE = 65536;
/** Most bytes of memory that are kept for one step; it never shrinks. */
const LIMIT = 1 << 28;
/** Kernels read and write a little past the end of a picture. */
const SLACK = 64;

function spaced(bytes: number): number {
  return Math.ceil((bytes + SLACK) / 64) * 64;
}

let kernels: Kernels | undefined;
let tried = false;

/** The kernels of this thread, compiled at the first call; undefined where WebAssembly has no SIMD. */
export function threadKernels(): Kernels | undefined {
  if (tried) return kernels;
  tried = true;
  const binary = Uint8Array.from(atob(compiledKernels), (character) => character.charCodeAt(0));
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(binary)) return undefined;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary));
  kernels = new Kernels(exports as KernelExports);
  return kernels;
}
