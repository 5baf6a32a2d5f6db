import { CslAverage, type CslAverageAttrs, type CslAverageInputs } from "@csl/internal/kernels/named-kernels";
import { float } from "../run-shader.js";
import { updateLists } from "../shaders/update-lists.js";
import type { WebKernel } from "../web-kernel.js";

/** A moving average of many tensors, in one dispatch for each buffer that they lie in. */
export const average: WebKernel<CslAverageInputs, CslAverageAttrs> = {
  kernelName: CslAverage,
  compute({ inputs, attrs: { count, decay }, gpu }) {
    const tensors = Object.values(inputs);
    return updateLists(gpu, {
      name: CslAverage,
      roles: { average: tensors.slice(count) },
      sources: tensors.slice(0, count),
      factors: [],
      words: { decay: float(decay) },
      body: "let x = load_source(s); average[i] = x + (average[i] - x) * words.decay;",
    });
  },
};
