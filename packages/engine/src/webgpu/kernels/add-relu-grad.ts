import {
  CslAddReluGrad,
  type CslAddReluGradAttrs,
  type CslAddReluGradInputs,
} from "@csl/internal/kernels/named-kernels";
import { eachNumber } from "../shaders/each-number.js";
import type { WebKernel } from "../web-kernel.js";

/** dy where y > 0, else 0. The dy of a block whose output two branches take is a sum, which is added up here. */
export const addReluGrad: WebKernel<CslAddReluGradInputs, CslAddReluGradAttrs> = {
  kernelName: CslAddReluGrad,
  compute({ inputs: { dy, y }, gpu }) {
    const out = gpu.make(y.shape);
    const [first, second] = gpu.termsOf(dy) ?? [dy];
    const whole = second ? "load_dy(i) + load_other(i)" : "load_dy(i)";
    eachNumber(gpu, {
      name: second ? "CslAddReluGrad of a sum" : CslAddReluGrad,
      out,
      inputs: { dy: first, ...(second && { other: second }), y },
      body: `store_out(i, select(T(0.0), ${whole}, load_y(i) > T(0.0)));`,
    });
    return out;
  },
};
