import {
  CslAddReluGrad,
  type CslAddReluGradAttrs,
  type CslAddReluGradInputs,
} from "@csl/internal/kernels/named-kernels";
import { eachNumber } from "../shaders/each-number.js";
import type { WebKernel } from "../web-kernel.js";

/** dy where y > 0, else 0. */
export const addReluGrad: WebKernel<CslAddReluGradInputs, CslAddReluGradAttrs> = {
  kernelName: CslAddReluGrad,
  compute({ inputs: { dy, y }, gpu }) {
    const out = gpu.make(y.shape);
    eachNumber(gpu, {
      name: CslAddReluGrad,
      out,
      inputs: { dy, y },
      body: "store_out(i, select(T(0.0), load_dy(i), load_y(i) > T(0.0)));",
    });
    return out;
  },
};
