import { CslAddRelu, type CslAddReluAttrs, type CslAddReluInputs } from "@csl/internal/kernels/named-kernels";
import { eachNumber } from "../shaders/each-number.js";
import type { WebKernel } from "../web-kernel.js";

/** y = max(a + b, 0); a NaN stays one, which `max` would not promise. */
export const addRelu: WebKernel<CslAddReluInputs, CslAddReluAttrs> = {
  kernelName: CslAddRelu,
  compute({ inputs: { a, b }, gpu }) {
    const out = gpu.makeActivation(a.shape);
    const body = "let v = load_a(i) + load_b(i); store_out(i, select(v, T(0.0), v < T(0.0)));";
    eachNumber(gpu, { name: CslAddRelu, out, inputs: { a, b }, body });
    return out;
  },
};
