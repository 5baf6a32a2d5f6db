import type * as tf from "@tensorflow/tfjs-core";
import { ScalarType } from "../binding.js";
import { defineKernel, type Scope } from "../define-kernel.js";

interface ResizeAttributes {
  size: [number, number];
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** How one axis is sampled: out place i lies between `low[i]` and `high[i]`, `part[i]` of the way. */
interface Samples {
  low: Int32Array;
  high: Int32Array;
  part: Float32Array;
}

const ROWS = 1;
const COLUMNS = 2;

/** Image sizes: rows first, then columns, each by picking and mixing. The gradients hand back along the same ways. */
export const resizeKernels: tf.KernelConfig[] = [
  defineKernel<{ images: tf.TensorInfo }, ResizeAttributes>("ResizeBilinear", ({ images }, attrs, scope) => {
    const [rows, columns] = samplesOf(images.shape, attrs.size, attrs);
    const tall = mix(scope.float(images), ROWS, rows, scope);
    return scope.keep(mix(tall, COLUMNS, columns, scope), resized(images.shape, attrs.size), "float32");
  }),
  defineKernel<{ images: tf.TensorInfo; dy: tf.TensorInfo }, ResizeAttributes>(
    "ResizeBilinearGrad",
    ({ images, dy }, attrs, scope) => {
      const [, height, width] = images.shape as [number, number, number, number];
      const [rows, columns] = samplesOf(images.shape, sizeOf(dy), attrs);
      const narrow = spread(scope.float(dy), COLUMNS, columns, width, scope);
      return scope.keep(spread(narrow, ROWS, rows, height, scope), images.shape, "float32");
    },
  ),
  defineKernel<{ images: tf.TensorInfo }, ResizeAttributes>(
    "ResizeNearestNeighbor",
    ({ images }, attrs, { op, of, constant, keep }) => {
      const [rows, columns] = nearestOf(images.shape, attrs.size, attrs);
      const tall = op("index_select", of(images), ROWS, constant(rows));
      const shape = resized(images.shape, attrs.size);
      return keep(op("index_select", tall, COLUMNS, constant(columns)), shape, images.dtype);
    },
  ),
  defineKernel<{ images: tf.TensorInfo; dy: tf.TensorInfo }, ResizeAttributes>(
    "ResizeNearestNeighborGrad",
    ({ images, dy }, attrs, scope) => {
      const [, height, width] = images.shape as [number, number, number, number];
      const [rows, columns] = nearestOf(images.shape, sizeOf(dy), attrs);
      const narrow = gatherInto(scope.float(dy), COLUMNS, columns, width, scope);
      return scope.keep(gatherInto(narrow, ROWS, rows, height, scope), images.shape, "float32");
    },
  ),
];

function sizeOf({ shape }: tf.TensorInfo): [number, number] {
  return [shape[1]!, shape[2]!];
}

function resized([batch, , , channels]: number[], [height, width]: [number, number]): number[] {
  return [batch!, height, width, channels!];
}

/** Input pixels for each output pixel. */
function ratio(from: number, to: number, alignCorners: boolean): number {
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

function samplesOf(shape: number[], size: [number, number], attrs: ResizeAttributes): [Samples, Samples] {
  const axis = (from: number, to: number): Samples => {
    const scale = ratio(from, to, attrs.alignCorners);
    const places = Float64Array.from({ length: to }, (_, i) =>
      Math.min(from - 1, Math.max(0, attrs.halfPixelCenters ? scale * (i + 0.5) - 0.5 : scale * i)),
    );
    return {
      low: Int32Array.from(places, Math.floor),
      high: Int32Array.from(places, Math.ceil),
      part: Float32Array.from(places, (at) => at - Math.floor(at)),
    };
  };
  return [axis(shape[1]!, size[0]), axis(shape[2]!, size[1])];
}

function nearestOf(
  shape: number[],
  size: [number, number],
  attrs: ResizeAttributes,
): [Int32Array, Int32Array] {
  const axis = (from: number, to: number): Int32Array => {
    const scale = ratio(from, to, attrs.alignCorners);
    const round = attrs.alignCorners ? Math.round : Math.floor;
    const half = attrs.halfPixelCenters ? 0.5 : 0;
    return Int32Array.from({ length: to }, (_, i) => Math.min(from - 1, round(scale * (i + half))));
  };
  return [axis(shape[1]!, size[0]), axis(shape[2]!, size[1])];
}

/** The share of `high` where it meets [batch, height, width, channels]. */
function partAlong(axis: number, { part }: Samples, { constant }: Scope): number {
  return constant(part, axis === ROWS ? [part.length, 1, 1] : [part.length, 1]);
}

function mix(handle: number, axis: number, samples: Samples, scope: Scope): number {
  const { op, constant } = scope;
  const low = op("index_select", handle, axis, constant(samples.low));
  const high = op("index_select", handle, axis, constant(samples.high));
  return op("lerp.Tensor", low, high, partAlong(axis, samples, scope));
}

/** The transpose of `mix`: each output pixel gives its two inputs their shares. */
function spread(handle: number, axis: number, samples: Samples, side: number, scope: Scope): number {
  const { op } = scope;
  const toHigh = op("mul.Tensor", handle, partAlong(axis, samples, scope));
  const low = gatherInto(op("sub.Tensor", handle, toHigh), axis, samples.low, side, scope);
  const high = gatherInto(toHigh, axis, samples.high, side, scope);
  return op("add.Tensor", low, high);
}

/** Sums what goes to the same place of an axis. */
function gatherInto(handle: number, axis: number, places: Int32Array, side: number, scope: Scope): number {
  const { op, constant, backend } = scope;
  const shape = backend.binding.describe(handle).shape.with(axis, side);
  const zeros = op("zeros", shape, ScalarType.float32, undefined, backend.device);
  return op("index_add", zeros, axis, constant(places), handle);
}
