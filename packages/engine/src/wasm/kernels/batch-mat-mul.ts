import type { BatchMatMulAttrs, TensorInfo } from "@tensorflow/tfjs-core";
import { addressOf, type NativeKernel } from "../native-kernel.js";
import { type ConvShape, gatherConv, weightGradient } from "../run-convolution.js";

interface Inputs {
  a: TensorInfo;
  b: TensorInfo;
}

/**
 * Product of two matrices, either of them transposed (both: TensorFlow.js's own kernel). A matrix is an image one
 * pixel wide: a · b is a convolution with a 1 x 1 filter, aᵀ · b is the gradient by such a filter.
 */
export const batchMatMul: NativeKernel<Inputs, BatchMatMulAttrs> = {
  kernelName: "BatchMatMul",
  serves: ({ a, b }, { transposeA, transposeB }) =>
    a.dtype === "float32" &&
    b.dtype === "float32" &&
    isMatrix(a) &&
    isMatrix(b) &&
    !(transposeA && transposeB),
  compute({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend, runner }): TensorInfo {
    const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
    const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
    const rows = transposeA ? aColumns : aRows;
    const columns = transposeB ? bRows : bColumns;
    const batch = Array<number>(Math.max(a.shape.length, b.shape.length) - 2).fill(1);
    const out = backend.makeOutput([...batch, rows, columns], "float32");
    const [left, right, result] = [a, b, out].map((tensor) => addressOf(backend, tensor)) as [
      number,
      number,
      number,
    ];
    if (transposeA) {
      weightGradient(runner, pointwise(aRows, aColumns, columns), { x: left, dy: right, dw: result });
    } else {
      const shape = pointwise(aRows, aColumns, columns);
      gatherConv(runner, shape, { input: left, filter: right, out: result }, { transposed: transposeB });
    }
    return out;
  },
};

const isMatrix = ({ shape }: TensorInfo): boolean =>
  shape.slice(0, -2).every((n) => n === 1) && !shape.includes(0);

/** A 1 x 1 convolution over `pixels` pixels. */
function pointwise(pixels: number, inChannels: number, outChannels: number): ConvShape {
  const one = {
    filterHeight: 1,
    filterWidth: 1,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: 1,
    dilationWidth: 1,
  };
  const heights = { batchSize: 1, inHeight: pixels, inWidth: 1, outHeight: pixels, outWidth: 1 };
  return { ...one, ...heights, inChannels, outChannels, padInfo: { top: 0, left: 0 } };
}
