import * as tf from "@tensorflow/tfjs-core";
import { scalarTypeOf } from "../binding.js";
import { defineKernel, type Scope } from "../define-kernel.js";

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
    return scope.keep(activate(biased, attrs, scope, inputs.preluActivationWeights), shape, "float32");
  }),
];

function multiply(
  { a, b }: MatMulInputs,
  { transposeA, transposeB }: MatMulAttributes,
  { op, float }: Scope,
) {
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
    product: op("matmul", left, right),
    shape: rank === 2 ? [rows, columns] : [...batch, rows, columns],
  };
}

const activations: Record<string, (x: number, scope: Scope, alpha: number) => number> = {
  linear: (x) => x,
  relu: (x, { op }) => op("relu", x),
  relu6: (x, { op }) => op("clamp", x, 0, 6),
  elu: (x, { op }) => op("elu", x),
  sigmoid: (x, { op }) => op("sigmoid", x),
  leakyrelu: (x, { op }, alpha) => op("leaky_relu", x, alpha),
};

/** The activation that a fused kernel ends with. */
export function activate(
  x: number,
  { activation = "linear", leakyreluAlpha = 0.2 }: { activation?: string; leakyreluAlpha?: number },
  scope: Scope,
  prelu?: tf.TensorInfo,
): number {
  if (activation === "prelu") {
    const { op, of } = scope;
    const weighted = op("mul.Tensor", op("clamp_max", x, 0), of(prelu!));
    return op("add.Tensor", op("relu", x), weighted);
  }
  const apply = activations[activation];
  if (!apply)
    throw new Error(
      `torch: expected one of the activations ${Object.keys(activations).join(", ")}, got "${activation}".`,
    );
  return apply(x, scope, leakyreluAlpha);
}
