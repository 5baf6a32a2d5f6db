import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import { type Handle, scalarTypeOf } from "../binding.js";
import { defineKernel, type Scope } from "../define-kernel.js";
import type { TorchBackend } from "../torch-backend.js";

/** Kernels that pick by index, and those that add to what an index picks. */
export const gatherKernels: tf.KernelConfig[] = [
  defineKernel<{ x: tf.TensorInfo; indices: tf.TensorInfo }, { axis: number; batchDims?: number }>(
    "GatherV2",
    ({ x, indices }, { axis, batchDims = 0 }, { op, of, keep, backend }) => {
      const [at = 0] = tf.util.parseAxisParam(axis, x.shape);
      const { batchSize, outerSize, dimSize, sliceSize, outputShape } =
        tf.backend_util.segment_util.collectGatherOpShapeInfo(
          x as tf.Tensor,
          indices as tf.Tensor,
          at,
          batchDims,
        );
      const count = tf.util.sizeFromShape(indices.shape) / batchSize;
      const from = op("reshape", of(x), [batchSize, outerSize, dimSize, sliceSize]);
      if (batchSize === 1) {
        const picked = checked(indices, dimSize, backend, () =>
          op("index_select", from, 2, op("reshape", of(indices), [-1])),
        );
        return keep(op("reshape", picked, outputShape), outputShape, x.dtype);
      }
      const picks = op("to.dtype", op("reshape", of(indices), [batchSize, 1, count, 1]), LONG);
      const everywhere = op("expand", picks, [batchSize, outerSize, count, sliceSize]);
      const picked = checked(indices, dimSize, backend, () => op("gather", from, 2, everywhere));
      return keep(op("reshape", picked, outputShape), outputShape, x.dtype);
    },
  ),
  defineKernel<{ params: tf.TensorInfo; indices: tf.TensorInfo }>(
    "GatherNd",
    ({ params, indices }, _, scope) => {
      const [shape, count, sliceSize, strides] = tf.backend_util.prepareAndValidate(
        asTensor(params),
        asTensor(indices),
      );
      const { op, of, keep, backend } = scope;
      if (count === 0) {
        const none = op("zeros", shape, scalarTypeOf(params.dtype), undefined, backend.device);
        return keep(none, shape, params.dtype);
      }
      const rows = op("reshape", of(params), [-1, sliceSize]);
      const picks = flatIndex(of(indices), count, strides, scope);
      return keep(op("reshape", op("index_select", rows, 0, picks), shape), shape, params.dtype);
    },
  ),
  defineKernel<{ indices: tf.TensorInfo; updates: tf.TensorInfo }, { shape: number[] }>(
    "ScatterNd",
    ({ indices, updates }, { shape }, scope) => {
      const { numUpdates, sliceSize, strides, outputSize } = tf.backend_util.calculateShapes(
        asTensor(updates),
        asTensor(indices),
        shape,
      );
      const { op, of, keep, backend } = scope;
      const type = scalarTypeOf(updates.dtype);
      const rows = sliceSize === 0 ? 0 : outputSize / sliceSize;
      const zeros = op("zeros", [rows, sliceSize], type, undefined, backend.device);
      if (outputSize === 0) return keep(op("reshape", zeros, shape), shape, updates.dtype);
      const picks = flatIndex(of(indices), numUpdates, strides, scope);
      const added = op("index_add", zeros, 0, picks, op("reshape", of(updates), [numUpdates, sliceSize]));
      return keep(op("reshape", added, shape), shape, updates.dtype);
    },
  ),
  defineKernel<{ x: tf.TensorInfo; segmentIds: tf.TensorInfo }, { numSegments: number }>(
    "UnsortedSegmentSum",
    ({ x, segmentIds }, { numSegments }, { op, of, keep, backend }) => {
      const shape = [numSegments, ...x.shape.slice(1)];
      // Segments that do not exist go to a last row, which is dropped: as TensorFlow.
      const ids = of(segmentIds);
      const known = op("logical_and", op("ge.Scalar", ids, 0), op("lt.Scalar", ids, numSegments));
      const rows = op("where.ScalarOther", known, ids, numSegments);
      const zeros = op(
        "zeros",
        [numSegments + 1, ...x.shape.slice(1)],
        scalarTypeOf(x.dtype),
        undefined,
        backend.device,
      );
      const sums = op("index_add", zeros, 0, op("to.dtype", rows, LONG), of(x));
      return keep(op("clone", op("narrow", sums, 0, 0, numSegments), 0), shape, x.dtype);
    },
  ),
  defineKernel<
    { indices: tf.TensorInfo },
    { dtype?: tf.DataType; depth: number; onValue: number; offValue: number }
  >("OneHot", ({ indices }, { dtype = "float32", depth, onValue, offValue }, { op, of, keep, constant }) => {
    const hit = op(
      "eq.Tensor",
      op("unsqueeze", of(indices), -1),
      constant(Int32Array.from({ length: depth }, (_, i) => i)),
    );
    const values = op("where.Scalar", hit, onValue, offValue);
    return keep(op("to.dtype", values, scalarTypeOf(dtype)), [...indices.shape, depth], dtype);
  }),
];

const LONG = 4; // c10::ScalarType

/** libtorch checks the indices (on a GPU only by an assertion of the device); which one is wrong is looked up afterwards. */
function checked(indices: tf.TensorInfo, size: number, backend: TorchBackend, pick: () => Handle): Handle {
  try {
    return pick();
  } catch (error) {
    const wrong = (backend.readSync(indices.dataId) as Int32Array).find(
      (index) => index < 0 || index >= size,
    );
    if (wrong === undefined) throw error;
    throw new CslError("invalid-argument", `GatherV2: the index value ${wrong} is not in [0, ${size - 1}]`);
  }
}

/** [count, rank] coordinates to positions: Σ coordinate · stride. */
function flatIndex(indices: number, count: number, strides: number[], { op, constant }: Scope): number {
  const rank = strides.length;
  const weights = constant(Int32Array.from(strides));
  const weighted = op("mul.Tensor", op("reshape", indices, [count, rank]), weights);
  return op("sum.dim_IntList", weighted, [1], false, LONG);
}

/** The shape helpers of TensorFlow.js want a Tensor, but only look at its shape and type. */
function asTensor(info: tf.TensorInfo): tf.Tensor {
  return { ...info, rank: info.shape.length } as unknown as tf.Tensor;
}
