import {
  CslBlurPoolGrad,
  type CslBlurPoolGradAttrs,
  type CslBlurPoolGradInputs,
} from "@csl/internal/kernels/named-kernels";
import { eachPixel } from "../shaders/each-pixel.js";
import type { WebKernel } from "../web-kernel.js";

/**
 * The transpose of the blur, gathered. Per axis an even pixel 2i takes half of i; an odd one takes quarters of i and i + 1,
 * twice as much of the first, of the last where the size is odd, and nothing from beyond the last.
 */
export const blurPoolGrad: WebKernel<CslBlurPoolGradInputs, CslBlurPoolGradAttrs> = {
  kernelName: CslBlurPoolGrad,
  compute({ inputs: { dy }, attrs: { inputShape }, gpu }) {
    const out = gpu.make(inputShape);
    eachPixel(gpu, { name: CslBlurPoolGrad, out, input: dy, large: inputShape, body, functions: share });
    return out;
  },
};

const share = `
fn share(i: i32, size: i32, count: i32) -> vec2f {
  if (i % 2 == 0) { return vec2f(0.5, 0.0); }
  let next = i / 2 + 1;
  let last = size % 2 == 1 && next == count - 1;
  return vec2f(select(0.25, 0.5, i == 1), select(select(0.25, 0.5, last), 0.0, next >= count));
}`;

// `share` has the weights of i and i + 1 on one axis; a weight of 0 keeps the load within the map.
const body = `
  let ys = share(y, words.height, words.halfHeight);
  let xs = share(x, words.width, words.halfWidth);
  let y0 = y / 2;
  let x0 = x / 2;
  let y1 = min(y0 + 1, words.halfHeight - 1);
  let x1 = min(x0 + 1, words.halfWidth - 1);
  v = ys.x * (xs.x * at(image, y0, x0) + xs.y * at(image, y0, x1)) +
    ys.y * (xs.x * at(image, y1, x0) + xs.y * at(image, y1, x1));`;
