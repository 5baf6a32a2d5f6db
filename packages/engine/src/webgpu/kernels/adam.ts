import { CslAdam, type CslAdamAttrs, type CslAdamInputs } from "@csl/internal/kernels/named-kernels";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { float } from "../run-shader.js";
import { updateLists } from "../shaders/update-lists.js";
import type { WebKernel } from "../web-kernel.js";

/**
 * One step over many parameters, in one dispatch for each buffer that their gradients lie in. Parameters, moments and averages
 * of a call lie side by side after its first step, and change where they are.
 */
export const adam: WebKernel<CslAdamInputs, CslAdamAttrs> = {
  kernelName: CslAdam,
  compute({ inputs, attrs, gpu }) {
    const { count, averaged, lr, beta1, beta2, epsilon, decoupled, correction1, correction2, emaDecay } =
      attrs;
    const tensors = Object.values(inputs);
    const list = (column: number): TensorInfo[] => tensors.slice(column * count, (column + 1) * count);
    return updateLists(gpu, {
      name: `CslAdam${averaged ? " with average" : ""}`,
      roles: { value: list(0), moment1: list(2), moment2: list(3), ...(averaged && { average: list(4) }) },
      sources: list(1),
      factors: attrs.weightDecay,
      words: {
        gradientDecay: float(decoupled ? 0 : 1),
        valueDecay: float(decoupled ? lr : 0),
        beta1: float(1 - beta1),
        beta2: float(beta2),
        rest2: float(1 - beta2),
        rate: float(lr / correction1),
        root: float(1 / Math.sqrt(correction2)),
        epsilon: float(epsilon),
        ...(averaged && { emaDecay: float(emaDecay) }),
      },
      body: averaged ? step + move : step,
    });
  },
};

const step = `
      let old = value[i];
      let g = load_source(s) + old * (factor * words.gradientDecay);
      let m = moment1[i] + (g - moment1[i]) * words.beta1;
      let v = moment2[i] * words.beta2 + g * g * words.rest2;
      let x = old * (1.0 - factor * words.valueDecay) - m * words.rate / (sqrt(v) * words.root + words.epsilon);
      value[i] = x;
      moment1[i] = m;
      moment2[i] = v;`;

const move = `
      average[i] = x + (average[i] - x) * words.emaDecay;`;
