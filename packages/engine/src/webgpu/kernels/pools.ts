import {
  CslBlurPool,
  type CslBlurPoolAttrs,
  CslBlurPoolGrad,
  type CslBlurPoolGradInputs,
  type CslBlurPoolInputs,
  CslCeilAvgPool,
  CslCeilAvgPoolGrad,
} from "@csl/internal/kernels/named-kernels";
import { eachPixel } from "../shaders/each-pixel.js";
import type { WebKernel } from "../web-kernel.js";

/** A map of half the size, rounded up; `body` as {@link eachPixel} takes it. */
const halved = (kernelName: string, body: string): WebKernel<CslBlurPoolInputs, CslBlurPoolAttrs> => ({
  kernelName,
  compute({ inputs: { x }, gpu }) {
    const large = x.shape as CslBlurPoolAttrs["inputShape"];
    const [batch, height, width, channels] = large;
    const out = gpu.makeActivation([batch, Math.ceil(height / 2), Math.ceil(width / 2), channels]);
    eachPixel(gpu, { name: kernelName, out, input: x, large, body });
    return out;
  },
});

/** The gradient of such a map, gathered. */
const doubled = (
  kernelName: string,
  body: string,
  functions?: string,
): WebKernel<CslBlurPoolGradInputs, CslBlurPoolAttrs> => ({
  kernelName,
  compute({ inputs: { dy }, attrs: { inputShape }, gpu }) {
    const out = gpu.make(inputShape);
    eachPixel(gpu, {
      name: kernelName,
      out,
      input: dy,
      large: inputShape,
      body,
      ...(functions && { functions }),
    });
    return out;
  },
});

/** The pools of TResNet and their gradients. */
export const pools: readonly (ReturnType<typeof halved> | ReturnType<typeof doubled>)[] = [
  // [1, 2, 1] ⊗ [1, 2, 1] / 16, stride 2; the border is mirrored: -1 is 1, and n is n - 2.
  halved(
    CslBlurPool,
    `
  let left = abs(2 * x - 1);
  let right = select(2 * x + 1, words.width - 2, 2 * x + 1 >= words.width);
  for (var step = -1; step <= 1; step++) {
    let inner = abs(2 * y + step);
    let line = select(inner, 2 * words.height - 2 - inner, inner >= words.height);
    let sum = at(image, line, left) + 2.0 * at(image, line, 2 * x) + at(image, line, right);
    v += sum * select(0.0625, 0.125, step == 0);
  }`,
  ),
  // The transpose of the blur. Per axis an even pixel 2i takes half of i; an odd one takes quarters of i and i + 1, twice as much of
  // the first, of the last where the size is odd, and nothing from beyond the last: `share` has the weights of i and i + 1, and
  // a weight of 0 keeps the load within the map.
  doubled(
    CslBlurPoolGrad,
    `
  let ys = share(y, words.height, words.halfHeight);
  let xs = share(x, words.width, words.halfWidth);
  let y0 = y / 2;
  let x0 = x / 2;
  let y1 = min(y0 + 1, words.halfHeight - 1);
  let x1 = min(x0 + 1, words.halfWidth - 1);
  v = ys.x * (xs.x * at(image, y0, x0) + xs.y * at(image, y0, x1)) +
    ys.y * (xs.x * at(image, y1, x0) + xs.y * at(image, y1, x1));`,
    `
fn share(i: i32, size: i32, count: i32) -> vec2f {
  if (i % 2 == 0) { return vec2f(0.5, 0.0); }
  let next = i / 2 + 1;
  let last = size % 2 == 1 && next == count - 1;
  return vec2f(select(0.25, 0.5, i == 1), select(select(0.25, 0.5, last), 0.0, next >= count));
}`,
  ),
  // Mean over 2 x 2, at an odd edge over what is there: the edge taken twice has the same mean.
  halved(
    CslCeilAvgPool,
    `
  let below = min(2 * y + 1, words.height - 1);
  let right = min(2 * x + 1, words.width - 1);
  v = 0.25 * (at(image, 2 * y, 2 * x) + at(image, 2 * y, right) + at(image, below, 2 * x) + at(image, below, right));`,
  ),
  // Each pixel takes its share of the window it lies in: a half per axis, all where it is alone at an odd edge.
  doubled(
    CslCeilAvgPoolGrad,
    `
  let down = select(0.5, 1.0, y == words.height - 1 && y % 2 == 0);
  let across = select(0.5, 1.0, x == words.width - 1 && x % 2 == 0);
  v = down * across * at(image, y / 2, x / 2);`,
  ),
];
