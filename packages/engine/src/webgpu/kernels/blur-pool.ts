import {
  CslBlurPool,
  type CslBlurPoolAttrs,
  type CslBlurPoolInputs,
} from "@csl/internal/kernels/named-kernels";
import { eachPixel } from "../shaders/each-pixel.js";
import type { WebKernel } from "../web-kernel.js";

/** [1, 2, 1] ⊗ [1, 2, 1] / 16, stride 2; the border is mirrored: -1 is 1, and n is n - 2. */
export const blurPool: WebKernel<CslBlurPoolInputs, CslBlurPoolAttrs> = {
  kernelName: CslBlurPool,
  compute({ inputs: { x }, gpu }) {
    const [batch, height, width, channels] = x.shape as CslBlurPoolAttrs["inputShape"];
    const out = gpu.makeActivation([batch, Math.ceil(height / 2), Math.ceil(width / 2), channels]);
    eachPixel(gpu, { name: CslBlurPool, out, input: x, large: [batch, height, width, channels], body });
    return out;
  },
};

const body = `
  let left = abs(2 * x - 1);
  let right = select(2 * x + 1, words.width - 2, 2 * x + 1 >= words.width);
  for (var step = -1; step <= 1; step++) {
    let inner = abs(2 * y + step);
    let line = select(inner, 2 * words.height - 2 - inner, inner >= words.height);
    let sum = at(image, line, left) + 2.0 * at(image, line, 2 * x) + at(image, line, right);
    v += sum * select(0.0625, 0.125, step == 0);
  }`;
