import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import { defineKernel, type Scope } from "../define-kernel.js";
import { asTensor } from "./shape.js";

type One = { x: tf.TensorInfo };

/** Kernels that take tensors apart and put them together, or fold one axis into others. */
export const arrangeKernels: tf.KernelConfig[] = [
  defineKernel<tf.TensorInfo[], { axis: number }>("Pack", (inputs, { axis }, { op, of, keep }) => {
    const [{ shape: side, dtype }] = inputs as [tf.TensorInfo];
    for (const input of inputs) {
      tf.util.assertShapesMatch(side, input.shape, "torch: pack expects tensors of one shape.");
      tf.util.assert(
        input.dtype === dtype,
        () => `torch: pack expects tensors of one type, got ${dtype} and ${input.dtype}.`,
      );
    }
    const at = axis < 0 ? axis + side.length + 1 : axis;
    const shape = [...side.slice(0, at), inputs.length, ...side.slice(at)];
    return keep(op("stack", inputs.map(of), at), shape, dtype);
  }),
  defineKernel<{ value: tf.TensorInfo }, { axis: number }>(
    "Unpack",
    ({ value }, { axis }, { op, of, keep }) => {
      const [at = 0] = tf.util.parseAxisParam(axis, value.shape);
      const shape = value.shape.filter((_, i) => i !== at);
      return Array.from({ length: value.shape[at]! }, (_, i) =>
        keep(op("clone", op("select.int", of(value), at, i), CONTIGUOUS), shape, value.dtype),
      );
    },
  ),
  defineKernel<One, { numOrSizeSplits: number[] | number; axis: number }>(
    "SplitV",
    ({ x }, { numOrSizeSplits, axis }, { op, of, keep }) => {
      const [at = 0] = tf.util.parseAxisParam(axis, x.shape);
      const sizes = tf.backend_util.prepareSplitSize(asTensor(x), numOrSizeSplits, at);
      let from = 0;
      return sizes.map((size) => {
        const part = op("clone", op("narrow", of(x), at, from, size), CONTIGUOUS);
        from += size;
        return keep(part, x.shape.with(at, size), x.dtype);
      });
    },
  ),
  defineKernel<One, StridedSliceAttributes>("StridedSlice", ({ x }, attrs, scope) => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
    const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
    const slice = tf.slice_util.sliceInfo(x.shape, begin, end, strides, ...masks);
    const { op, of, keep, constant } = scope;
    const sizes = tf.slice_util.computeOutShape(slice.begin, slice.end, slice.strides);
    const cut = sizes.reduce((handle, size, axis) => {
      const [from, step] = [slice.begin[axis]!, slice.strides[axis]!];
      if (size <= 0) return op("narrow", handle, axis, 0, 0);
      if (step > 0) return op("slice.Tensor", handle, axis, from, from + (size - 1) * step + 1, step);
      return op(
        "index_select",
        handle,
        axis,
        constant(Int32Array.from({ length: size }, (_, i) => from + i * step)),
      );
    }, of(x));
    return keep(op("clone", op("reshape", cut, slice.finalShape), CONTIGUOUS), slice.finalShape, x.dtype);
  }),
  defineKernel<{ image: tf.TensorInfo }>("FlipLeftRight", ({ image }, _, { op, of, keep }) =>
    keep(op("flip", of(image), [2]), image.shape, image.dtype),
  ),
  defineKernel<One, { paddings: [number, number][]; mode: "reflect" | "symmetric" }>(
    "MirrorPad",
    ({ x }, { paddings, mode }, { op, of, keep, constant }) => {
      const shape = x.shape.map((side, axis) => side + paddings[axis]![0] + paddings[axis]![1]);
      const padded = paddings.reduce((handle, [before, after], axis) => {
        if (before === 0 && after === 0) return handle;
        return op("index_select", handle, axis, constant(mirrored(x.shape[axis]!, before, after, mode)));
      }, of(x));
      return keep(paddings.flat().some(Boolean) ? padded : op("clone", padded, CONTIGUOUS), shape, x.dtype);
    },
  ),
  defineKernel<One, { blockSize: number; dataFormat: string }>("DepthToSpace", ({ x }, attrs, scope) => {
    const { blockSize: block, dataFormat } = attrs;
    if (dataFormat !== "NHWC")
      throw new CslError("unsupported", `torch: depthToSpace expects NHWC, got ${dataFormat}.`);
    const [batch, height, width, depth] = x.shape as [number, number, number, number];
    const channels = depth / (block * block);
    const folded = [batch, height, width, block, block, channels];
    const shape = [batch, height * block, width * block, channels];
    return scope.keep(regrouped(scope.of(x), folded, [0, 1, 3, 2, 4, 5], shape, scope), shape, x.dtype);
  }),
  defineKernel<One, { blockShape: number[]; paddings: [number, number][] }>(
    "SpaceToBatchND",
    ({ x }, { blockShape, paddings }, scope) => {
      const trailing = x.shape.slice(1 + blockShape.length).flatMap(() => [0, 0]);
      const padding = [...trailing, ...[...paddings].reverse().flat()];
      const grown = x.shape.map(
        (side, i) => side + (paddings[i - 1]?.[0] ?? 0) + (paddings[i - 1]?.[1] ?? 0),
      );
      const size = tf.util.sizeFromShape(blockShape);
      const folded = tf.backend_util.getReshaped(grown, blockShape, size, false);
      const order = tf.backend_util.getPermuted(folded.length, blockShape.length, false);
      const shape = tf.backend_util.getReshapedPermuted(grown, blockShape, size, false);
      const padded = scope.op("constant_pad_nd", scope.of(x), padding, 0);
      return scope.keep(regrouped(padded, folded, order, shape, scope), shape, x.dtype);
    },
  ),
  defineKernel<One, { blockShape: number[]; crops: number[][] }>(
    "BatchToSpaceND",
    ({ x }, { blockShape, crops }, scope) => {
      const size = tf.util.sizeFromShape(blockShape);
      const folded = tf.backend_util.getReshaped(x.shape, blockShape, size);
      const order = tf.backend_util.getPermuted(folded.length, blockShape.length);
      const grown = tf.backend_util.getReshapedPermuted(x.shape, blockShape, size);
      const begin = tf.backend_util.getSliceBeginCoords(crops, blockShape.length);
      const cropped = tf.backend_util.getSliceSize(grown, crops, blockShape.length);
      const shape = [...cropped, ...grown.slice(cropped.length)];
      const whole = regrouped(scope.of(x), folded, order, grown, scope);
      const cut = shape.reduce(
        (handle, length, axis) => scope.op("narrow", handle, axis, begin[axis] ?? 0, length),
        whole,
      );
      return scope.keep(scope.op("clone", cut, CONTIGUOUS), shape, x.dtype);
    },
  ),
];

interface StridedSliceAttributes {
  begin: number[];
  end: number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
}

const CONTIGUOUS = 0; // c10::MemoryFormat

/** Under another shape, with the axes in another order, under a third shape; always a copy. */
function regrouped(
  handle: number,
  folded: number[],
  order: number[],
  shape: number[],
  { op }: Scope,
): number {
  return op("reshape", op("clone", op("permute", op("reshape", handle, folded), order), CONTIGUOUS), shape);
}

/** Where each place of a padded axis comes from: about the border pixel (reflect), or about its outer edge (symmetric). */
function mirrored(side: number, before: number, after: number, mode: "reflect" | "symmetric"): Int32Array {
  const edge = mode === "reflect" ? 0 : 1;
  return Int32Array.from({ length: before + side + after }, (_, i) => {
    const at = i - before;
    if (at < 0) return -at - edge;
    return at < side ? at : 2 * (side - 1) - at + edge;
  });
}
