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
  invertAbove(from: number, to: number, count: number, threshold: number, mask: number): void;
  mapLevels(from: number, to: number, pixels: number, tables: number): void;
  countLevels(from: number, pixels: number, counts: number): void;
  toGrey(from: number, to: number, pixels: number): void;
  sumLuma(from: number, pixels: number): number;
  blend(zero: number, from: number, count: number, factor: number): void;
  smooth(from: number, to: number, width: number, height: number): void;
  unitFloats(from: number, to: number, count: number): void;
  shearX(from: number, to: number, width: number, height: number, amount: number): void;
  shearY(from: number, to: number, width: number, height: number, amount: number): void;
  rotate(
    from: number,
    to: number,
    width: number,
    height: number,
    startX: number,
    startY: number,
    stepX: number,
    stepY: number,
    rowStepX: number,
    rowStepY: number,
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

  /** The memory as bytes; made again when `reserve` had to move it. */
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
   * whoever enters an image pays for no copy between the steps, and nothing else uses this memory.
   *
   * `run` must not look at `samples`: the memory may have moved, which leaves views of it empty.
   *
   * @returns undefined, without having called `run`, when the images are too large to keep memory for them
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
    this.reserve(Math.max(to + room, end) + 2 * spaced(length));
    if (!inside) this.bytes.set(samples, from);
    run(from, to, to + spaced(length));
    return inside ? this.bytes.subarray(to, to + length) : this.bytes.slice(to, to + length);
  }

  /** As many free bytes that do not touch `samples`, which lie here; undefined where there is no such room. */
  freeSpace(samples: Uint8Array): Uint8Array | undefined {
    const { byteOffset, length } = samples;
    const to = this.base + spaced(length) <= byteOffset ? this.base : byteOffset + spaced(length);
    return to + spaced(length) <= this.bytes.length ? this.bytes.subarray(to, to + length) : undefined;
  }
}

const PAGE = 65536;
/** Most bytes of memory that are kept for one step; it never shrinks. */
const LIMIT = 1 << 28;
/** Kernels read and write a little past the end of an image. */
const SLACK = 64;

function spaced(bytes: number): number {
  return Math.ceil((bytes + SLACK) / 64) * 64;
}

let kernels: Kernels | undefined;
let tried = false;

/** The kernels of this thread, compiled at the first call; undefined where WebAssembly has no SIMD or no room. */
export function threadKernels(): Kernels | undefined {
  if (tried) return kernels;
  tried = true;
  const binary = Uint8Array.from(atob(compiledKernels), (character) => character.charCodeAt(0));
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(binary)) return undefined;
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary));
    kernels = new Kernels(exports as KernelExports);
  } catch (error) {
    // Each instance reserves gigabytes of addresses, which `ulimit -v` may not grant.
    if (!(error instanceof RangeError)) throw error;
  }
  return kernels;
}

/** Runs plain TypeScript instead of the kernels, which must make no difference: for tests. */
export function withoutKernels<T>(run: () => T): T {
  const own = threadKernels();
  kernels = undefined;
  try {
    return run();
  } finally {
    kernels = own;
  }
}
