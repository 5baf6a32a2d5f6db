import {
  CslCeilAvgPool,
  type CslCeilAvgPoolAttrs,
  type CslCeilAvgPoolInputs,
} from "@csl/internal/kernels/named-kernels";
import { eachPixel } from "../shaders/each-pixel.js";
import type { WebKernel } from "../web-kernel.js";

/** Mean over 2 x 2, at an odd edge over what is there: the edge taken twice has the same mean. */
export const ceilAvgPool: WebKernel<CslCeilAvgPoolInputs, CslCeilAvgPoolAttrs> = {
  kernelName: CslCeilAvgPool,
  compute({ inputs: { x }, gpu }) {
    const [batch, height, width, channels] = x.shape as CslCeilAvgPoolAttrs["inputShape"];
    const out = gpu.makeActivation([batch, Math.ceil(height / 2), Math.ceil(width / 2), channels]);
    eachPixel(gpu, { name: CslCeilAvgPool, out, input: x, large: [batch, height, width, channels], body });
    return out;
  },
};

const body = `
  let below = min(2 * y + 1, words.height - 1);
  let right = min(2 * x + 1, words.width - 1);
  v = 0.25 * (at(image, 2 * y, 2 * x) + at(image, 2 * y, right) + at(image, below, 2 * x) + at(image, below, right));`;
