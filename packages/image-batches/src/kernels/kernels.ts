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

  /** Makes the memory reach to `end`. */
  reserve(end: number): void {
    const missing = end - this.bytes.length;
    if (missing > 0) this.run.memory.grow(Math.ceil(missing / PAGE));
  }
}

const PAGE = 65536;

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
