import * as tf from "@tensorflow/tfjs-core";
import { type Handle, ScalarType, scalarTypeOf } from "../binding.js";
import { defineKernel, type Scope } from "../define-kernel.js";
import { activate } from "./activation.js";

interface MatMulInputs {
  a: tf.TensorInfo;
  b: tf.TensorInfo;
  bias?: tf.TensorInfo;
  preluActivationWeights?: tf.TensorInfo;
}
interface MatMulAttributes {
  transposeA: boolean;
  transposeB: boolean;
  activation?: string;
  leakyreluAlpha?: number;
}

/** Matrix products, alone and with bias and activation. */
export const matmulKernels: tf.KernelConfig[] = [
  defineKernel<MatMulInputs, MatMulAttributes>("BatchMatMul", (inputs, attrs, scope) => {
    const { shape, product } = multiply(inputs, attrs, scope);
    const dtype = tf.upcastType(inputs.a.dtype, inputs.b.dtype);
    return scope.keep(
      dtype === "float32" ? product : scope.op("to.dtype", product, scalarTypeOf(dtype)),
      shape,
      dtype,
    );
  }),
  defineKernel<MatMulInputs, MatMulAttributes>("_FusedMatMul", (inputs, attrs, scope) => {
    const { shape, product } = multiply(inputs, attrs, scope);
    const biased = inputs.bias ? scope.op("add.Tensor", product, scope.of(inputs.bias)) : product;
    const alpha = inputs.preluActivationWeights && scope.of(inputs.preluActivationWeights);
    return scope.keep(activate(biased, attrs, scope, alpha), shape, "float32");
  }),
  defineKernel<tf.TensorInfo[], { equation: string }>(
    "Einsum",
    (inputs, { equation }, { op, of, float, keep }) => {
      const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, inputs.length);
      tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, inputs as tf.Tensor[]);
      const side = new Map(idDims.flatMap((dims, i) => dims.map((dim, at) => [dim, inputs[i]!.shape[at]!])));
      const [, output = ""] = equation.replace(/\s/g, "").split("->");
      const shape = [...output].map((letter) => side.get(allDims.indexOf(letter))!);
      const dtype = inputs.map((input) => input.dtype).reduce((a, b) => tf.upcastType(a, b));
      if (dtype === "float32") {
        // Of one operand it may be a view.
        return keep(op("clone", op("einsum", equation, inputs.map(float)), CONTIGUOUS), shape, dtype);
      }
      // Whole numbers by way of float64, which is exact and which every device multiplies.
      const doubles = inputs.map((input) => op("to.dtype", of(input), ScalarType.float64));
      return keep(
        op("to.dtype", op("contiguous", op("einsum", equation, doubles)), scalarTypeOf(dtype)),
        shape,
        dtype,
      );
    },
  ),
];

const CONTIGUOUS = 0; // c10::MemoryFormat

function multiply({ a, b }: MatMulInputs, { transposeA, transposeB }: MatMulAttributes, scope: Scope) {
  const { op, float } = scope;
  const rank = Math.max(a.shape.length, b.shape.length);
  const left = transposeA ? op("transpose.int", float(a), -2, -1) : float(a);
  const right = transposeB ? op("transpose.int", float(b), -2, -1) : float(b);
  tf.util.assert(
    a.shape.length >= 2 && b.shape.length >= 2,
    () => `matMul: expected matrices, got ranks ${a.shape.length} and ${b.shape.length}.`,
  );
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return {
    product:
      inBlocks(a.shape.at(transposeA ? -2 : -1)!, { left, right, rank }, scope) ?? op("matmul", left, right),
    shape: rank === 2 ? [rows, columns] : [...batch, rows, columns],
  };
}

/**
 * A long sum is added up from short ones on a CPU. The plain BLAS that Debian's libtorch has adds all products in a row, and
 * the rounding errors of n float32 additions in a row grow with n: of 2048 features that was all of a network's error. The
 * blocks are views, and the products are as many.
 */
function inBlocks(
  terms: number,
  { left, right, rank }: { left: Handle; right: Handle; rank: number },
  { backend, op }: Scope,
): Handle | undefined {
  if (backend.device !== "cpu" || rank !== 2 || terms < 1024) return undefined;
  const block = blockLengths.find((length) => terms % length === 0);
  if (block === undefined) return undefined;
  const blocks = terms / block;
  const lefts = op("transpose.int", op("unflatten.int", left, 1, [blocks, block]), 0, 1);
  return op("sum.dim_IntList", op("bmm", lefts, op("unflatten.int", right, 0, [blocks, block])), [0]);
}

/** From 128 to 512, the ones near 256 first. */
const blockLengths = Array.from({ length: 385 }, (_, i) => 128 + i).sort(
  (a, b) => Math.abs(Math.log(a / 256)) - Math.abs(Math.log(b / 256)),
);
