import {
  CslRunningUpdate,
  type CslRunningUpdateAttrs,
  type CslRunningUpdateInputs,
} from "@csl/internal/kernels/named-kernels";
import { float } from "../run-shader.js";
import { updateLists } from "../shaders/update-lists.js";
import type { WebKernel } from "../web-kernel.js";

/** The running statistics of all norms, in one dispatch for each buffer that the batch's lie in. */
export const runningUpdate: WebKernel<CslRunningUpdateInputs, CslRunningUpdateAttrs> = {
  kernelName: CslRunningUpdate,
  compute({ inputs, attrs: { keep, add }, gpu }) {
    const tensors = Object.values(inputs);
    return updateLists(gpu, {
      name: CslRunningUpdate,
      roles: { running: tensors.slice(0, add.length) },
      sources: tensors.slice(add.length),
      factors: add,
      words: { keep: float(keep) },
      body: "running[i] = running[i] * words.keep + load_source(s) * factor;",
    });
  },
};
