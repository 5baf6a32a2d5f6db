import type { ConvNormPlan } from "@csl/tresnet";
import type { Network } from "./exported-model.js";

/** A convolution with its norm in it, each made when asked for: filter [out, in, height, width] and bias [out]. */
export interface FoldedConv {
  filter: () => Float32Array;
  bias: () => Float32Array;
}

/** W' = W·γ/σ and b' = β − γ·mean/σ with γ = |w| + ε, σ = √(variance + ε), in float64 and rounded once. */
export function foldNorm(
  { plan: { epsilon }, tensor }: Network,
  { convKey, normKey }: ConvNormPlan,
): FoldedConv {
  const norm = (name: string): Float32Array => tensor(`${normKey}.${name}`).data;
  const weight = norm("weight");
  const variance = norm("running_var");
  const scale = Float64Array.from(
    weight,
    (w, channel) => (Math.abs(w) + epsilon) / Math.sqrt(variance[channel]! + epsilon),
  );
  return {
    filter() {
      const { data } = tensor(`${convKey}.weight`);
      const perChannel = data.length / scale.length;
      const filter = new Float32Array(data.length);
      for (let channel = 0, at = 0; channel < scale.length; channel++)
        for (const end = at + perChannel; at < end; at++) filter[at] = data[at]! * scale[channel]!;
      return filter;
    },
    bias() {
      const mean = norm("running_mean");
      return norm("bias").map((beta, channel) => beta - mean[channel]! * scale[channel]!);
    },
  };
}
