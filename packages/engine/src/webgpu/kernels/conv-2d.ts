import { Conv2D, type TensorInfo } from "@tensorflow/tfjs-core";
import {
  type ConvAttrs,
  convolutionInfo,
  convolutionWords,
  fours,
  isPlainConvolution,
  nextTap,
  padded,
  pixelRows,
  putFour,
  tapOf,
} from "../shaders/convolution.js";
import { depth, tileProduct } from "../shaders/tile-product.js";
import type { WebKernel } from "../web-kernel.js";

/** Rows: pixels of y. Columns: its channels. Steps: taps of the filter and channels of x. */
export const conv2d: WebKernel<{ x: TensorInfo; filter: TensorInfo }, ConvAttrs> = {
  kernelName: Conv2D,
  serves: isPlainConvolution,
  compute({ inputs: { x, filter }, attrs, gpu }) {
    const info = convolutionInfo(x.shape, filter.shape, attrs);
    const { batchSize, outHeight, outWidth, inChannels, outChannels, filterHeight, filterWidth } = info;
    const y = gpu.make(info.outShape);
    const [deep, wide] = [inChannels % 4 === 0, outChannels % 4 === 0];
    gpu.run(
      tileProduct({
        name: Conv2D,
        rows: batchSize * outHeight * outWidth,
        columns: outChannels,
        steps: filterHeight * filterWidth * padded(inChannels),
        buffers: { y: gpu.write(y, wide), x: gpu.read(x, deep), weights: gpu.read(filter, wide) },
        words: convolutionWords(info),
        functions: `${fours("x", deep)}\n${fours("weights", wide)}\n${putFour("y", wide)}\n${placeOf}`,
        a: pixelRows("words.inChannels"),
        b: {
          along: "outer",
          before: `let column = outer; ${tapOf("words.inChannels", "B")}`,
          step: `if (column < words.n && tapB < words.filterHeight * words.filterWidth) {
            let row = tapB * words.inChannels + cB;
            let left = words.n - column;
            r0 = four_weights(row * words.n + column, left);
            if (cB + 1 < words.inChannels) { r1 = four_weights((row + 1) * words.n + column, left); }
            if (cB + 2 < words.inChannels) { r2 = four_weights((row + 2) * words.n + column, left); }
            if (cB + 3 < words.inChannels) { r3 = four_weights((row + 3) * words.n + column, left); }
          }`,
          after: nextTap("B", depth),
        },
        store: "put(m * words.n + n, words.n - n, v);",
      }),
    );
    return y;
  },
};

/** Image (times its height), row and column of x under the first tap at a pixel of y; far outside for one beyond the last. */
const placeOf = `
fn placeOf(m: i32) -> vec3i {
  let row = m / words.outWidth;
  let image = row / words.outHeight;
  let y = (row - image * words.outHeight) * words.strideY - words.top;
  let x = (m - row * words.outWidth) * words.strideX - words.left;
  return vec3i(image * words.inHeight, select(y, -1000000, m >= words.m), x);
}
fn pixel(place: vec3i, ky: i32, kx: i32, c: i32) -> vec4f {
  let y = place.y + ky;
  let x = place.z + kx;
  if (y < 0 || y >= words.inHeight || x < 0 || x >= words.inWidth) { return vec4f(0.0); }
  return four_x(((place.x + y) * words.inWidth + x) * words.inChannels + c, words.inChannels - c);
}`;
