import * as tf from "@tensorflow/tfjs-core";
import { defineKernel, type Scope } from "../define-kernel.js";
import { paddingOf } from "./convolution-geometry.js";

interface PoolAttributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: "valid" | "same" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** A pooling worked out: TensorFlow.js's numbers, and the padding that libtorch does itself or is laid on beforehand. */
interface Pool {
  info: tf.backend_util.Conv2DInfo;
  /** [top, left]: libtorch pads both sides of an axis alike, by half a window at most. */
  inside: [number, number];
  /** [left, right, top, bottom] laid on beforehand, or nothing. */
  outside?: [number, number, number, number];
}

/** Pooling over NHWC images and its gradients. A NaN stays one, as in PyTorch. */
export const poolingKernels: tf.KernelConfig[] = [
  defineKernel<{ x: tf.TensorInfo }, PoolAttributes>("MaxPool", ({ x }, attrs, scope) => {
    const pool = poolOf(x.shape, attrs);
    if (takesEveryPixel(pool)) return scope.alias(x);
    const pooled = scope.op("max_pool2d", padded(scope.of(x), lowest(x.dtype), pool, scope), ...window(pool));
    return scope.keep(toNhwc(pooled, scope), pool.info.outShape, x.dtype);
  }),
  defineKernel<{ dy: tf.TensorInfo; input: tf.TensorInfo }, PoolAttributes>(
    "MaxPoolGrad",
    ({ dy, input }, attrs, scope) => {
      const { ops, op, float, keep } = scope;
      const pool = poolOf(input.shape, attrs, dy.shape);
      const x = padded(float(input), Number.NEGATIVE_INFINITY, pool, scope);
      const [, at] = ops("max_pool2d_with_indices", x, ...window(pool));
      const rest = [[1, 1], false, at!] as const;
      const dx = op(
        "max_pool2d_with_indices_backward",
        toNchw(float(dy), scope),
        x,
        ...window(pool),
        ...rest,
      );
      return keep(toNhwc(cropped(dx, pool, scope), scope), input.shape, "float32");
    },
  ),
  defineKernel<{ x: tf.TensorInfo }, PoolAttributes>("AvgPool", ({ x }, attrs, scope) => {
    const pool = poolOf(x.shape, attrs);
    if (takesEveryPixel(pool)) return scope.alias(x);
    const sums = scope.op(
      "avg_pool2d",
      padded(scope.float(x), 0, pool, scope),
      ...window(pool),
      ...average(pool),
    );
    return scope.keep(toNhwc(perPixel(sums, pool, scope), scope), pool.info.outShape, "float32");
  }),
  defineKernel<{ dy: tf.TensorInfo; input: tf.TensorInfo }, PoolAttributes>(
    "AvgPoolGrad",
    ({ dy, input }, attrs, scope) => {
      const { op, float, keep } = scope;
      const pool = poolOf(input.shape, attrs, dy.shape);
      const shares = perPixel(toNchw(float(dy), scope), pool, scope);
      const x = padded(float(input), 0, pool, scope);
      const dx = op("avg_pool2d_backward", shares, x, ...window(pool), ...average(pool));
      return keep(toNhwc(cropped(dx, pool, scope), scope), input.shape, "float32");
    },
  ),
];

/** @param out the size of what comes out, where it is known: gradients are not told how it was rounded */
function poolOf(
  shape: number[],
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
  out?: readonly number[],
): Pool {
  const info = tf.backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const padding = paddingOf(info, out && [out[1]!, out[2]!]);
  const [left, right, top, bottom] = padding;
  const alike = left === right && top === bottom;
  if (alike && top <= info.filterHeight / 2 && left <= info.filterWidth / 2) {
    return { info, inside: [top, left] };
  }
  return { info, inside: [0, 0], outside: padding };
}

/** Windows of one pixel over all of them; TensorFlow.js takes it so whatever the padding says. */
function takesEveryPixel({ info }: Pool): boolean {
  return (
    info.filterHeight === 1 && info.filterWidth === 1 && tf.util.arraysEqual(info.inShape, info.outShape)
  );
}

/** kernel size, stride, padding. */
function window({ info, inside }: Pool) {
  return [[info.filterHeight, info.filterWidth], [info.strideHeight, info.strideWidth], inside] as const;
}

/** ceil mode, whether padding counts, divisor: windows are divided by their real pixels, or `perPixel` does it. */
function average({ outside }: Pool) {
  return outside ? ([false, true, 1] as const) : ([false, false, null] as const);
}

/** Divides by how many real pixels each window covers, where `average` could not. */
function perPixel(sums: number, { info, outside, ...rest }: Pool, { op, backend }: Scope): number {
  if (!outside) return sums;
  const ones = op("ones", [1, 1, info.inHeight, info.inWidth], 6, undefined, backend.device);
  const pool = { info, outside, ...rest };
  const real = op("avg_pool2d", op("constant_pad_nd", ones, outside, 0), ...window(pool), ...average(pool));
  return op("div.Tensor", sums, real);
}

function padded(handle: number, value: number, { outside }: Pool, scope: Scope): number {
  const nchw = toNchw(handle, scope);
  return outside ? scope.op("constant_pad_nd", nchw, outside, value) : nchw;
}

/** Takes off what `padded` laid on. */
function cropped(dx: number, { outside }: Pool, { op }: Scope): number {
  if (!outside) return dx;
  return op(
    "constant_pad_nd",
    dx,
    outside.map((side) => -side),
    0,
  );
}

function lowest(dtype: tf.DataType): number {
  return dtype === "float32" ? Number.NEGATIVE_INFINITY : -(2 ** 31);
}

function toNchw(handle: number, { op }: Scope): number {
  return op("permute", handle, [0, 3, 1, 2]);
}

function toNhwc(handle: number, { op }: Scope): number {
  return op("contiguous", op("permute", handle, [0, 2, 3, 1]));
}
