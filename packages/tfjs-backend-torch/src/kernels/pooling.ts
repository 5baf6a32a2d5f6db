import * as tf from "@tensorflow/tfjs-core";
import { defineKernel, type Scope } from "../define-kernel.js";

type One = { x: tf.TensorInfo };
interface PoolAttributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: "valid" | "same" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
}
type Info = tf.backend_util.Conv2DInfo;

/** Pooling over NHWC pictures. Paddings that libtorch lacks are laid on beforehand, or left to the cpu backend. */
export const poolingKernels: tf.KernelConfig[] = [
  defineKernel<One, PoolAttributes>("MaxPool", ({ x }, attrs, scope) => {
    const info = infoOf(x.shape, attrs);
    const input = paddedWith(Number.NEGATIVE_INFINITY, scope.of(x), info, scope);
    const pooled = scope.op(
      "max_pool2d",
      input,
      ...windowOf(info),
      [0, 0],
      [info.dilationHeight, info.dilationWidth],
    );
    return scope.keep(toNhwc(pooled, scope), info.outShape, x.dtype);
  }),
  defineKernel<One, PoolAttributes>("AvgPool", ({ x }, attrs, scope) => {
    const info = infoOf(x.shape, attrs);
    const { op, float } = scope;
    const sums = op(
      "avg_pool2d",
      paddedWith(0, float(x), info, scope),
      ...windowOf(info),
      [0, 0],
      false,
      true,
      1,
    );
    return scope.keep(toNhwc(op("div.Tensor", sums, counts(info, scope)), scope), info.outShape, "float32");
  }),
  defineKernel<{ dy: tf.TensorInfo; input: tf.TensorInfo }, PoolAttributes>(
    "AvgPoolGrad",
    ({ dy, input }, attrs, scope) => {
      const info = infoOf(input.shape, attrs);
      const { op, float, keep } = scope;
      const { left, right, top, bottom } = info.padInfo;
      const shared = op("div.Tensor", op("permute", float(dy), [0, 3, 1, 2]), counts(info, scope));
      const padded = paddedWith(0, float(input), info, scope);
      const dx = op("avg_pool2d_backward", shared, padded, ...windowOf(info), [0, 0], false, true, 1);
      const inner =
        left + right + top + bottom === 0
          ? dx
          : op("narrow", op("narrow", dx, 2, top, info.inHeight), 3, left, info.inWidth);
      return keep(toNhwc(inner, scope), input.shape, "float32");
    },
  ),
];

function infoOf(shape: number[], { filterSize, strides, pad, dimRoundingMode }: PoolAttributes): Info {
  return tf.backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

/** kernel size and stride. */
function windowOf({ filterHeight, filterWidth, strideHeight, strideWidth }: Info) {
  return [
    [filterHeight, filterWidth],
    [strideHeight, strideWidth],
  ] as const;
}

/** NHWC → NCHW with the padding laid on; room for windows that reach beyond (ceil mode) included. */
function paddedWith(value: number, handle: number, info: Info, { op }: Scope): number {
  const { left, right, top, bottom } = info.padInfo;
  const nchw = op("permute", handle, [0, 3, 1, 2]);
  return left + right + top + bottom === 0
    ? nchw
    : op("constant_pad_nd", nchw, [left, right, top, bottom], value);
}

/** How many real pixels each window covers: the average divides by these, not by the padded ones. [1, 1, outH, outW] */
function counts(info: Info, scope: Scope): number {
  const { op, backend } = scope;
  const { left, right, top, bottom } = info.padInfo;
  const ones = op("ones", [1, 1, info.inHeight, info.inWidth], 6, undefined, backend.device);
  const padded = op("constant_pad_nd", ones, [left, right, top, bottom], 0);
  return op("avg_pool2d", padded, ...windowOf(info), [0, 0], false, true, 1);
}

function toNhwc(handle: number, { op }: Scope): number {
  return op("contiguous", op("permute", handle, [0, 2, 3, 1]));
}
