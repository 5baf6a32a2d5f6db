import * as tf from "@tensorflow/tfjs-core";
import { scalarTypeOf } from "../binding.js";
import { defineKernel } from "../define-kernel.js";

type One = { x: tf.TensorInfo };

/** Kernels that arrange elements: transpose, cut, join, repeat, pad, pick. */
export const shapeKernels: tf.KernelConfig[] = [
  defineKernel<One, { perm: number[] }>("Transpose", ({ x }, { perm }, { op, of, keep }) => {
    const shape = perm.map((from) => x.shape[from]!);
    return keep(op("clone", op("permute", of(x), perm), CONTIGUOUS), shape, x.dtype);
  }),
  defineKernel<One, { begin: number | number[]; size: number | number[] }>(
    "Slice",
    ({ x }, { begin, size }, { op, of, keep }) => {
      const [start, sizes] = tf.slice_util.parseSliceParams(asTensor(x), begin, size) as [number[], number[]];
      tf.slice_util.assertParamsValid(asTensor(x), start, sizes);
      const cut = start.reduce((handle, from, axis) => {
        const length = sizes[axis]!;
        return from === 0 && length === x.shape[axis] ? handle : op("narrow", handle, axis, from, length);
      }, of(x));
      return keep(op("clone", cut, CONTIGUOUS), sizes, x.dtype);
    },
  ),
  defineKernel<tf.TensorInfo[], { axis: number }>("Concat", (inputs, { axis }, { op, of, keep, backend }) => {
    const [at = 0] = tf.util.parseAxisParam(axis, inputs[0]!.shape);
    tf.backend_util.assertParamsConsistent(
      inputs.map(({ shape }) => shape),
      at,
    );
    const shape = tf.backend_util.computeOutShape(
      inputs.map(({ shape }) => shape),
      at,
    );
    const full = inputs.filter(({ shape }) => tf.util.sizeFromShape(shape) > 0);
    const dtype = inputs[0]!.dtype;
    if (full.length === 0) {
      return keep(op("zeros", shape, scalarTypeOf(dtype), undefined, backend.device), shape, dtype);
    }
    return keep(op("cat", full.map(of), at), shape, dtype);
  }),
  defineKernel<One, { reps: number[] }>("Tile", ({ x }, { reps }, { op, of, keep }) =>
    keep(
      op("repeat", of(x), reps),
      x.shape.map((side, i) => side * reps[i]!),
      x.dtype,
    ),
  ),
  defineKernel<One, { dims: number[] }>("Reverse", ({ x }, { dims }, { op, of, keep }) =>
    keep(op("flip", of(x), tf.util.parseAxisParam(dims, x.shape)), x.shape, x.dtype),
  ),
  defineKernel<One, { paddings: [number, number][]; constantValue: number }>(
    "PadV2",
    ({ x }, { paddings, constantValue }, { op, of, keep }) => {
      const shape = x.shape.map((side, i) => side + paddings[i]![0] + paddings[i]![1]);
      return keep(
        op("constant_pad_nd", of(x), [...paddings].reverse().flat(), constantValue),
        shape,
        x.dtype,
      );
    },
  ),
  defineKernel<{ condition: tf.TensorInfo; t: tf.TensorInfo; e: tf.TensorInfo }>(
    "Select",
    ({ condition, t, e }, _, { op, of, keep }) => {
      const dtype = tf.upcastType(t.dtype, e.dtype);
      const tail = t.shape.length - condition.shape.length;
      const mask = op("reshape", of(condition), [...condition.shape, ...new Array<number>(tail).fill(1)]);
      const chosen = op("where.self", mask, of(t), of(e));
      return keep(t.dtype === e.dtype ? chosen : op("to.dtype", chosen, scalarTypeOf(dtype)), t.shape, dtype);
    },
  ),
  defineKernel<Record<string, never>, { shape: number[]; value: number | string; dtype?: tf.DataType }>(
    "Fill",
    (_, { shape, value, dtype }, { op, keep, backend }) => {
      const type = dtype ?? tf.util.inferDtype(value);
      if (type === "string") {
        const bytes = tf.util.encodeString(value as string);
        const values = new Array<Uint8Array>(tf.util.sizeFromShape(shape)).fill(bytes);
        return { dataId: backend.write(values, shape, type), shape, dtype: type };
      }
      return keep(
        op("full", shape, Number(value), scalarTypeOf(type), undefined, backend.device),
        shape,
        type,
      );
    },
  ),
];

/** c10::MemoryFormat::Contiguous. */
const CONTIGUOUS = 0;

/** The slice helpers of TensorFlow.js want a Tensor, but only look at its shape. */
export function asTensor(x: tf.TensorInfo): tf.Tensor {
  return { ...x, rank: x.shape.length } as unknown as tf.Tensor;
}
