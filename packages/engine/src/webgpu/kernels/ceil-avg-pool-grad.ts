import {
  CslCeilAvgPoolGrad,
  type CslCeilAvgPoolGradAttrs,
  type CslCeilAvgPoolGradInputs,
} from "@csl/internal/kernels/named-kernels";
import { eachPixel } from "../shaders/each-pixel.js";
import type { WebKernel } from "../web-kernel.js";

/** Each pixel takes its share of the window it lies in: a half per axis, all where it is alone at an odd edge. */
export const ceilAvgPoolGrad: WebKernel<CslCeilAvgPoolGradInputs, CslCeilAvgPoolGradAttrs> = {
  kernelName: CslCeilAvgPoolGrad,
  compute({ inputs: { dy }, attrs: { inputShape }, gpu }) {
    const out = gpu.make(inputShape);
    eachPixel(gpu, { name: CslCeilAvgPoolGrad, out, input: dy, large: inputShape, body });
    return out;
  },
};

const body = `
  let down = select(0.5, 1.0, y == words.height - 1 && y % 2 == 0);
  let across = select(0.5, 1.0, x == words.width - 1 && x % 2 == 0);
  v = down * across * at(image, y / 2, x / 2);`;
