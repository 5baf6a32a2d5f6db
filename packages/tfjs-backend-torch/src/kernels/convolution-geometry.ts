import * as tf from "@tensorflow/tfjs-core";
import type { Argument } from "../binding.js";
import type { Scope } from "../define-kernel.js";

type Shape4 = [number, number, number, number];

/** The attributes that TensorFlow.js gives its convolutions. */
export interface ConvAttributes {
  strides: number | [number, number];
  pad: "valid" | "same" | number | [number, number][];
  dataFormat?: "NHWC" | "NCHW";
  dilations?: number | [number, number];
  dimRoundingMode?: "floor" | "round" | "ceil";
  filterShape: Shape4;
  inputShape: Shape4;
  activation?: string;
  leakyreluAlpha?: number;
}

/** A convolution worked out: TensorFlow.js's numbers, and which kind it is. */
export interface Convolution {
  info: tf.backend_util.Conv2DInfo;
  depthwise: boolean;
  channelsFirst: boolean;
  /** Pads both sides of an axis alike; libtorch pads no other way. */
  symmetric: boolean;
  /** [left, right, top, bottom] */
  padding: readonly [number, number, number, number];
}

const CHANNELS_LAST = 2; // c10::MemoryFormat
const CONTIGUOUS = 0;

export function convolutionOf(
  input: readonly number[],
  filter: readonly number[],
  { strides, dilations, pad, dimRoundingMode, dataFormat = "NHWC" }: ConvAttributes,
  depthwise: boolean,
): Convolution {
  const info = tf.backend_util.computeConv2DInfo(
    input as Shape4,
    filter as Shape4,
    strides,
    dilations ?? 1,
    pad as "same",
    dimRoundingMode,
    depthwise,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  );
  const padding = paddingOf(info);
  const [left, right, top, bottom] = padding;
  return {
    info,
    depthwise,
    channelsFirst: dataFormat === "NCHW",
    symmetric: left === right && top === bottom,
    padding,
  };
}

/**
 * [left, right, top, bottom] with which libtorch, which rounds down, comes to TensorFlow.js's sizes. The far sides give
 * way where those are rounded up, and where TensorFlow.js reckons both axes with the height's window: they may be
 * negative, which cuts off.
 */
export function paddingOf(
  info: tf.backend_util.Conv2DInfo,
  [outHeight, outWidth]: [number, number] = [info.outHeight, info.outWidth],
): [number, number, number, number] {
  const { left, right, top, bottom } = info.padInfo;
  const far = (
    side: number,
    window: number,
    stride: number,
    near: number,
    end: number,
    out: number,
  ): number => {
    const counted = Math.floor((side + near + end - window) / stride) + 1;
    return counted === out ? end : (out - 1) * stride + window - side - near;
  };
  return [
    left,
    far(info.inWidth, info.effectiveFilterWidth, info.strideWidth, left, right, outWidth),
    top,
    far(info.inHeight, info.effectiveFilterHeight, info.strideHeight, top, bottom, outHeight),
  ];
}

/** stride, padding, dilation, transposed, output padding, groups: the tail of libtorch's convolution. */
export function geometry({ info, depthwise, symmetric, padding }: Convolution): Argument[] {
  const groups = depthwise ? info.inChannels : info.inChannels / info.filterShape[2];
  return [
    [info.strideHeight, info.strideWidth],
    symmetric ? [padding[2], padding[0]] : [0, 0],
    [info.dilationHeight, info.dilationWidth],
    false,
    [0, 0],
    groups,
  ];
}

/** Data as libtorch sees it: [N, C, H, W], channels-last for NHWC; one-sided padding is laid on here. */
export function toNchw(handle: number, { channelsFirst }: Convolution, { op }: Scope): number {
  return channelsFirst ? handle : op("permute", handle, [0, 3, 1, 2]);
}

export function fromNchw(handle: number, { channelsFirst }: Convolution, { op }: Scope): number {
  return op("contiguous", channelsFirst ? handle : op("permute", handle, [0, 2, 3, 1]), CONTIGUOUS);
}

export function paddedNchw(handle: number, convolution: Convolution, scope: Scope): number {
  const input = toNchw(handle, convolution, scope);
  return convolution.symmetric ? input : scope.op("constant_pad_nd", input, convolution.padding, 0);
}

/** The shape of `paddedNchw`'s result. */
export function paddedShape({ info, symmetric, padding }: Convolution): number[] {
  const [left, right, top, bottom] = padding;
  const [height, width] = symmetric ? [0, 0] : [top + bottom, left + right];
  return [info.batchSize, info.inChannels, info.inHeight + height, info.inWidth + width];
}

export function filterShapeOihw({ info, depthwise }: Convolution): number[] {
  const [height, width, inChannels, outChannels] = info.filterShape;
  return depthwise ? [inChannels * outChannels, 1, height, width] : [outChannels, inChannels, height, width];
}

/** HWIO → OIHW in channels-last order; depthwise [H, W, C, M] → [C·M, 1, H, W]. */
export function toOihw(filter: number, convolution: Convolution, { op }: Scope): number {
  const permuted = convolution.depthwise
    ? op("reshape", op("permute", filter, [2, 3, 0, 1]), filterShapeOihw(convolution))
    : op("permute", filter, [3, 2, 0, 1]);
  return op("contiguous", permuted, CHANNELS_LAST);
}

export function fromOihw(weight: number, { info, depthwise }: Convolution, { op }: Scope): number {
  const [height, width, inChannels, multiplier] = info.filterShape;
  const permuted = depthwise
    ? op("permute", op("reshape", weight, [inChannels, multiplier, height, width]), [2, 3, 0, 1])
    : op("permute", weight, [2, 3, 1, 0]);
  return op("contiguous", permuted, CONTIGUOUS);
}

/** A tensor of which a backward pass uses only shape and layout. */
export function placeholder(shape: readonly number[], { op, backend }: Scope): number {
  return op("empty.memory_format", shape, 6, undefined, backend.device, undefined, CHANNELS_LAST);
}
