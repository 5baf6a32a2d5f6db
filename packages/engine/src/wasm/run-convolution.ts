import type { backend_util } from "@tensorflow/tfjs-core";
import { type KernelRunner, scratchBytes } from "./kernel-runner.js";
import { Task } from "./task.js";

/** The integers of a convolution that the kernels need; tf's Conv2DInfo has them, a matrix product makes its own. */
export type ConvShape = Pick<
  backend_util.Conv2DInfo,
  | "batchSize"
  | "inHeight"
  | "inWidth"
  | "inChannels"
  | "outHeight"
  | "outWidth"
  | "outChannels"
  | "filterHeight"
  | "filterWidth"
  | "strideHeight"
  | "strideWidth"
  | "dilationHeight"
  | "dilationWidth"
> & { padInfo: { top: number; left: number } };

const tile = 5; // output pixels of the inner loop (assembly/gather-conv.ts)
const panel = 8; // output channels of the inner loop
const tableBytes = scratchBytes - 4 * tile * panel; // of a thread's scratch memory, beside a tile's sums

/** Whether the row table of one item fits in a thread's scratch memory: true for every filter up to 100 x 130. */
export function fitsGather({ filterHeight, filterWidth }: ConvShape): boolean {
  return filterHeight * filterWidth * tile * 4 <= tableBytes;
}

/** Addresses on the wasm heap. */
interface GatherAddresses {
  input: number;
  filter: number;
  out: number;
  /** 0: none. */
  bias?: number;
}

interface GatherOptions {
  backward?: boolean;
  transposed?: boolean;
  /** Of a leaky activation of the result: 1 the identity, 0 relu. */
  slope?: number;
}

/**
 * out = leaky(bias + convolution of `input` with `filter`) (backward = false), or the gradient by the convolution's
 * input, where `input` is the gradient by its output (backward = true). `filter` lies as [taps, inChannels, outChannels]
 * of the forward convolution in both cases; with `transposed` as [taps, to, from] of what is read and what is written.
 */
export function gatherConv(
  runner: KernelRunner,
  shape: ConvShape,
  { input, filter, out, bias = 0 }: GatherAddresses,
  { backward = false, transposed = backward, slope = 1 }: GatherOptions = {},
): void {
  // From here on "from" is what is read and "to" is what is written.
  const [fromHeight, fromWidth, fromChannels] = backward
    ? [shape.outHeight, shape.outWidth, shape.outChannels]
    : [shape.inHeight, shape.inWidth, shape.inChannels];
  const [toHeight, toWidth, toChannels] = backward
    ? [shape.inHeight, shape.inWidth, shape.inChannels]
    : [shape.outHeight, shape.outWidth, shape.outChannels];
  const taps = shape.filterHeight * shape.filterWidth;
  const panels = Math.ceil(toChannels / panel);
  const pixels = shape.batchSize * toHeight * toWidth;
  if (pixels === 0 || toChannels === 0) return;

  const packed = runner.workspace(4 * panels * panel * (taps * fromChannels + 1));
  const packedBias = packed + 4 * panels * panel * taps * fromChannels;
  const [rows, columns] = transposed ? [toChannels, fromChannels] : [fromChannels, toChannels];
  const pack = [filter, packed, taps, rows, columns, transposed ? 1 : 0, bias, packedBias];
  runner.run(Task.packWeights, panels, pack);

  // Enough items for the threads to share evenly, few enough that the weights are not read too often.
  const most = Math.min(60, Math.floor(tableBytes / (taps * 4) / tile) * tile);
  const fair = Math.ceil(pixels / (4 * runner.threads) / tile) * tile;
  const pixelsPerItem = Math.max(tile, Math.min(most, fair));
  const pixelItems = Math.ceil(pixels / pixelsPerItem);
  const groups = Math.min(panels, Math.max(1, Math.ceil((4 * runner.threads) / pixelItems)));
  const panelsPerItem = Math.ceil(panels / groups);
  const panelGroups = Math.ceil(panels / panelsPerItem);
  const args = [
    input,
    packed,
    out,
    runner.zeros(4 * fromChannels),
    shape.batchSize,
    fromHeight,
    fromWidth,
    fromChannels,
    toHeight,
    toWidth,
    toChannels,
    shape.filterHeight,
    shape.filterWidth,
    shape.strideHeight,
    shape.strideWidth,
    shape.dilationHeight,
    shape.dilationWidth,
    shape.padInfo.top,
    shape.padInfo.left,
    backward ? 1 : 0,
    pixelsPerItem,
    panelsPerItem,
    panelGroups,
    packedBias,
  ];
  runner.run(Task.gatherConv, pixelItems * panelGroups, args, [slope]);
}

/** dw = gradient of a convolution by its filter, [taps, inChannels, outChannels]. */
export function weightGradient(
  runner: KernelRunner,
  shape: ConvShape,
  { x, dy, dw }: { x: number; dy: number; dw: number },
): void {
  const taps = shape.filterHeight * shape.filterWidth;
  const wanted = 4 * runner.threads;
  let inBlock = Math.min(65, Math.ceil(shape.inChannels / 5) * 5);
  let outBlock = Math.min(64, Math.ceil(shape.outChannels / 8) * 8);
  const items = (): number =>
    taps * Math.ceil(shape.inChannels / inBlock) * Math.ceil(shape.outChannels / outBlock);
  // Smaller blocks pack more per multiplication; about 16 is where that starts to cost.
  while (items() < wanted && (inBlock > 15 || outBlock > 16)) {
    if (inBlock >= outBlock) inBlock = Math.ceil(inBlock / 10) * 5;
    else outBlock = Math.ceil(outBlock / 16) * 8;
  }
  if (items() === 0) return;
  runner.run(Task.weightGradient, items(), [
    x,
    dy,
    dw,
    shape.batchSize,
    shape.inHeight,
    shape.inWidth,
    shape.inChannels,
    shape.outHeight,
    shape.outWidth,
    shape.outChannels,
    shape.filterWidth,
    shape.strideHeight,
    shape.strideWidth,
    shape.dilationHeight,
    shape.dilationWidth,
    shape.padInfo.top,
    shape.padInfo.left,
    inBlock,
    outBlock,
  ]);
}
