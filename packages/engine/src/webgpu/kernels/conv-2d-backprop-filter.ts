import { Conv2DBackpropFilter, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { int } from "../run-shader.js";
import {
  type ConvAttrs,
  convolutionInfo,
  convolutionWords,
  fours,
  isPlainConvolution,
  padded,
  putFour,
} from "../shaders/convolution.js";
import { sumParts } from "../shaders/sum-parts.js";
import { depth, tileProduct, tilesOf } from "../shaders/tile-product.js";
import type { WebKernel } from "../web-kernel.js";

type Attrs = ConvAttrs & { filterShape: [number, number, number, number] };

/** Fewer tiles than this leave a large device idle: the pixels are then shared out, and the shares added in a second pass. */
const fewTiles = 96;
const enoughTiles = 256;

/** Pixels that are worth a share of their own. */
const leastPixels = 256;

/** Rows: taps of the filter and channels of x. Columns: channels of dy. Steps: pixels of dy. */
export const conv2dBackpropFilter: WebKernel<{ x: TensorInfo; dy: TensorInfo }, Attrs> = {
  kernelName: Conv2DBackpropFilter,
  serves: isPlainConvolution,
  compute({ inputs: { x, dy }, attrs, gpu }) {
    const info = convolutionInfo(x.shape, attrs.filterShape, attrs);
    const { batchSize, outHeight, outWidth, inChannels, outChannels, filterHeight, filterWidth } = info;
    const dw = gpu.gradients.make(attrs.filterShape);
    const rows = filterHeight * filterWidth * padded(inChannels);
    const pixels = batchSize * outHeight * outWidth;
    const splits = splitsOf(tilesOf(rows, outChannels), pixels);
    const size = util.sizeFromShape(attrs.filterShape);
    const parts = splits > 1 ? gpu.scratch(splits * size) : dw;
    const [deep, wide] = [inChannels % 4 === 0, outChannels % 4 === 0];
    gpu.run(
      tileProduct({
        name: Conv2DBackpropFilter,
        rows,
        columns: outChannels,
        steps: pixels,
        splits,
        buffers: { dw: gpu.write(parts, wide), x: gpu.read(x, deep), dy: gpu.read(dy, wide) },
        words: { ...convolutionWords(info), size: int(size) },
        functions: `${fours("x", deep)}\n${fours("dy", wide)}\n${putFour("dw", wide)}\n${pixel}`,
        a: {
          along: "outer",
          before: `
            let round = (words.inChannels + 3) / 4 * 4;
            let tap = outer / round;
            let c = outer - tap * round;
            let ky = tap / words.filterWidth - words.top;
            let kx = tap % words.filterWidth - words.left;
            let within = tap < words.filterHeight * words.filterWidth;
            var at = vec3i(k / words.outWidth / words.outHeight, k / words.outWidth % words.outHeight, k % words.outWidth);`,
          step: `if (within) {
            var p = at;
            ${[0, 1, 2, 3].map((i) => `if (k + ${i} < words.k) { r${i} = pixel(p, ky, kx, c); } p = on(p, 1);`).join("\n")}
          }`,
          after: `at = on(at, ${depth});`,
        },
        b: {
          along: "outer",
          before: "let column = outer;",
          step: `if (column < words.n) {
            ${[0, 1, 2, 3]
              .map(
                (i) =>
                  `if (k + ${i} < words.k) { r${i} = four_dy((k + ${i}) * words.n + column, words.n - column); }`,
              )
              .join("\n")}
          }`,
        },
        // Rows of channels that only fill up a vector are left out.
        store: `let tap = m / round; let c = m - tap * round;
          if (c < words.inChannels) { put(split * words.size + (tap * words.inChannels + c) * words.n + n, words.n - n, v); }`,
      }),
    );
    if (splits > 1) {
      sumParts(gpu, { parts, sum: dw, splits, size });
      gpu.free(parts);
    }
    return dw;
  },
};

function splitsOf(tiles: number, pixels: number): number {
  if (tiles >= fewTiles) return 1;
  return Math.max(1, Math.min(Math.ceil(enoughTiles / tiles), Math.floor(pixels / leastPixels)));
}

/** A pixel of dy as (image, row, column); `on` moves it without a division. */
const pixel = `
fn on(start: vec3i, count: i32) -> vec3i {
  var p = start;
  p.z += count;
  while (p.z >= words.outWidth) {
    p.z -= words.outWidth;
    p.y += 1;
    if (p.y == words.outHeight) { p.y = 0; p.x += 1; }
  }
  return p;
}
fn pixel(p: vec3i, ky: i32, kx: i32, c: i32) -> vec4f {
  let y = p.y * words.strideY + ky;
  let x = p.z * words.strideX + kx;
  if (y < 0 || y >= words.inHeight || x < 0 || x >= words.inWidth) { return vec4f(0.0); }
  return four_x(((p.x * words.inHeight + y) * words.inWidth + x) * words.inChannels + c, words.inChannels - c);
}`;
