import { Conv2DBackpropInput, type TensorInfo } from "@tensorflow/tfjs-core";
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

type Attrs = ConvAttrs & { inputShape: [number, number, number, number] };

/** Rows: pixels of dx. Columns: its channels. Steps: taps of the filter and channels of dy. */
export const conv2dBackpropInput: WebKernel<{ dy: TensorInfo; filter: TensorInfo }, Attrs> = {
  kernelName: Conv2DBackpropInput,
  serves: isPlainConvolution,
  compute({ inputs: { dy, filter }, attrs, gpu }) {
    const info = convolutionInfo(attrs.inputShape, filter.shape, attrs);
    const { batchSize, inHeight, inWidth, inChannels, outChannels, filterHeight, filterWidth } = info;
    const dx = gpu.make(info.inShape);
    const [deep, wide] = [outChannels % 4 === 0, inChannels % 4 === 0];
    gpu.run(
      tileProduct({
        name: Conv2DBackpropInput,
        rows: batchSize * inHeight * inWidth,
        columns: inChannels,
        steps: filterHeight * filterWidth * padded(outChannels),
        buffers: { dx: gpu.write(dx, wide), dy: gpu.read(dy, deep), weights: gpu.read(filter, deep) },
        words: convolutionWords(info),
        functions: `${fours("dy", deep)}\n${fours("weights", deep)}\n${putFour("dx", wide)}\n${placeOf}`,
        a: pixelRows("words.outChannels"),
        b: {
          along: "k",
          before: `let column = outer; ${tapOf("words.outChannels", "B")}`,
          step: `if (kyB < words.filterHeight) {
            let row = tapB * words.n + column;
            let left = words.outChannels - cB;
            ${[0, 1, 2, 3]
              .map(
                (i) =>
                  `if (column + ${i} < words.n) { r${i} = four_weights((row + ${i}) * words.outChannels + cB, left); }`,
              )
              .join("\n")}
          }`,
          after: nextTap("B", depth),
        },
        store: "put(m * words.n + n, words.n - n, v);",
      }),
    );
    return dx;
  },
};

/** Image (times the height of dy), row and column over the first tap at a pixel of dx; far outside for one beyond the last. */
const placeOf = `
fn placeOf(m: i32) -> vec3i {
  let row = m / words.inWidth;
  let image = row / words.inHeight;
  let y = row - image * words.inHeight + words.top;
  return vec3i(image * words.outHeight, select(y, -1000000, m >= words.m), m - row * words.inWidth + words.left);
}
fn pixel(place: vec3i, ky: i32, kx: i32, c: i32) -> vec4f {
  let y = (place.y - ky) / words.strideY;
  let x = (place.z - kx) / words.strideX;
  // A stride skips pixels: only those come that the division leaves whole. It rounds negative numbers towards 0.
  if (y * words.strideY != place.y - ky || x * words.strideX != place.z - kx) { return vec4f(0.0); }
  if (y < 0 || y >= words.outHeight || x < 0 || x >= words.outWidth) { return vec4f(0.0); }
  return four_dy(((place.x + y) * words.outWidth + x) * words.outChannels + c, words.outChannels - c);
}`;
