import { backend_util, type TensorInfo } from "@tensorflow/tfjs-core";
import { int, type Word } from "../run-shader.js";
import { depth, type Factor } from "./tile-product.js";

type Shape = [number, number, number, number];
export type ConvInfo = backend_util.Conv2DInfo;

/** Attributes of Conv2D and its gradients, as far as they matter here. */
export interface ConvAttrs {
  strides: number | [number, number];
  pad: "valid" | "same" | number | backend_util.ExplicitPadding;
  dataFormat: "NHWC" | "NCHW";
  dilations?: number | [number, number];
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** float32, channels last, not dilated: what our kernels are written for. */
export function isPlainConvolution(inputs: object, { dataFormat, dilations = 1 }: ConvAttrs): boolean {
  return (
    (dataFormat ?? "NHWC") === "NHWC" &&
    [dilations].flat().every((dilation) => dilation === 1) &&
    Object.values(inputs).every((input: TensorInfo) => input.dtype === "float32" && !input.shape.includes(0))
  );
}

export function convolutionInfo(
  inputShape: number[],
  filterShape: number[],
  { strides, pad, dimRoundingMode }: ConvAttrs,
): ConvInfo {
  return backend_util.computeConv2DInfo(
    inputShape as Shape,
    filterShape as Shape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

/** Channels rounded up to vectors of four: a vector never holds channels of two taps of the filter. */
export const padded = (channels: number): number => Math.ceil(channels / 4) * 4;

/** The sizes as words of a shader. */
export function convolutionWords(info: ConvInfo): Record<string, Word> {
  const { padInfo, strideHeight, strideWidth, filterHeight, filterWidth } = info;
  return {
    inHeight: int(info.inHeight),
    inWidth: int(info.inWidth),
    inChannels: int(info.inChannels),
    outHeight: int(info.outHeight),
    outWidth: int(info.outWidth),
    outChannels: int(info.outChannels),
    filterHeight: int(filterHeight),
    filterWidth: int(filterWidth),
    top: int(padInfo.top),
    left: int(padInfo.left),
    strideY: int(strideHeight),
    strideX: int(strideWidth),
  };
}

/** WGSL: `four_x(at, left)`, four numbers from index `at`, of which `left` and later ones are zero. */
export const fours = (name: string, vectors: boolean): string =>
  vectors
    ? `fn four_${name}(at: i32, left: i32) -> vec4f { return load_${name}(at >> 2u); }`
    : `fn four_${name}(at: i32, left: i32) -> vec4f {
  var v = vec4f(load_${name}(at), 0.0, 0.0, 0.0);
  if (left > 1) { v.y = load_${name}(at + 1); }
  if (left > 2) { v.z = load_${name}(at + 2); }
  if (left > 3) { v.w = load_${name}(at + 3); }
  return v;
}`;

/** WGSL: `put(at, left, v)` stores up to four numbers to a buffer from index `at`. */
export const putFour = (name: string, vectors: boolean): string =>
  vectors
    ? `fn put(at: i32, left: i32, v: vec4f) { store_${name}(at >> 2u, v); }`
    : `fn put(at: i32, left: i32, v: vec4f) {
  store_${name}(at, v.x);
  if (left > 1) { store_${name}(at + 1, v.y); }
  if (left > 2) { store_${name}(at + 2, v.z); }
  if (left > 3) { store_${name}(at + 3, v.w); }
}`;

/**
 * WGSL: the tap of the filter (ky, kx) and the channel `c` of step k, for steps that run over taps and then over `channels`
 * rounded up to fours; {@link nextTap} moves them on without a division.
 */
export const tapOf = (channels: string, suffix: string): string => `
  let round${suffix} = (${channels} + 3) / 4 * 4;
  var tap${suffix} = k / round${suffix};
  var c${suffix} = k - tap${suffix} * round${suffix};
  var ky${suffix} = tap${suffix} / words.filterWidth;
  var kx${suffix} = tap${suffix} - ky${suffix} * words.filterWidth;`;

export const nextTap = (suffix: string, steps: number): string => `
  c${suffix} += ${steps};
  while (c${suffix} >= round${suffix}) {
    c${suffix} -= round${suffix};
    tap${suffix} += 1;
    kx${suffix} += 1;
    if (kx${suffix} == words.filterWidth) { kx${suffix} = 0; ky${suffix} += 1; }
  }`;

const fourTimes = (line: (i: number) => string): string => [0, 1, 2, 3].map(line).join("\n");

/**
 * The rows of a product over the pixels of a map, one step for each tap of the filter and each of `channels`, as the products of both
 * maps take them: `placeOf(m)` is WGSL of the kernel for where pixel m is, and `pixel(place, ky, kx, c)` for the four numbers there.
 */
export const pixelRows = (channels: string): Factor => ({
  along: "k",
  before: `${fourTimes((i) => `let place${i} = placeOf(outer + ${i});`)}
    ${tapOf(channels, "A")}`,
  step: `if (kyA < words.filterHeight) {
    ${fourTimes((i) => `r${i} = pixel(place${i}, kyA, kxA, cA);`)}
  }`,
  after: nextTap("A", depth),
});
