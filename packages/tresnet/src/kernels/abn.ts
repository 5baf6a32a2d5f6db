import {
  CslAbn,
  type CslAbnAttrs,
  CslAbnGrad,
  type CslAbnGradAttrs,
  type CslAbnGradInputs,
  CslAbnInference,
  type CslAbnInferenceAttrs,
  type CslAbnInferenceInputs,
  type CslAbnInputs,
  CslRunningUpdate,
  type CslRunningUpdateAttrs,
  type CslRunningUpdateInputs,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { abnForward, abnGradient, channelStatistics } from "./abn-loops.js";
import { type KernelDefinition, runKernels, type Tensors } from "./kernel-definition.js";
import type { Primitives } from "./primitives.js";

/** Effective weight of In-Place ABN: |w| + epsilon. */
export const effectiveWeight = (weight: tf.Tensor, epsilon: number): tf.Tensor1D =>
  tf.add(tf.abs(weight), epsilon) as tf.Tensor1D;

export const activate = (x: tf.Tensor4D, slope: number, { leaky }: Primitives): tf.Tensor4D =>
  slope === 1 ? x : leaky(x, slope);

/** Training: [y, batch mean, batch variance (biased)]; keeps y, weight, bias and the variance for its gradient. */
export const abn: KernelDefinition<CslAbnInputs, CslAbnAttrs> = {
  name: CslAbn,
  composed: (inputs, { epsilon, slope }, primitives) => {
    const { x, weight, bias: beta } = inputs as { x: tf.Tensor4D; weight: tf.Tensor1D; bias: tf.Tensor1D };
    const mean = primitives.channelMean(x);
    const variance = primitives.channelMean(tf.squaredDifference(x, mean));
    const gamma = effectiveWeight(weight, epsilon);
    const y = primitives.normalize(x, { mean, variance, gamma, beta }, epsilon);
    return [activate(y, slope, primitives), mean, variance];
  },
  flat: (memory, { x, weight, bias }, { epsilon, slope }) => {
    const y = memory.allocate(x.shape);
    const mean = memory.allocate(weight.shape);
    const variance = memory.allocate(weight.shape);
    const statistics = { mean: memory.view(mean), variance: memory.view(variance) };
    const input = memory.view(x);
    channelStatistics(input, statistics);
    const parameters = { weight: memory.view(weight), bias: memory.view(bias), epsilon, slope };
    abnForward(input, memory.view(y), statistics, parameters);
    return [y, mean, variance];
  },
  gradient: {
    inputsToSave: ["weight", "bias"],
    outputsToSave: [true, false, true],
    gradFunc: (dys, saved, attributes) => {
      const [weight, bias, y, variance] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const dy = (dys as tf.Tensor[])[0]!;
      return gradients({ dy, y, weight, bias, variance }, { ...attributes, frozen: false });
    },
  },
};

/** Inference: the given statistics instead of the batch's. */
export const abnInference: KernelDefinition<CslAbnInferenceInputs, CslAbnInferenceAttrs> = {
  name: CslAbnInference,
  composed: (inputs, { epsilon, slope }, primitives) => {
    const { x, weight, bias, mean, variance } = inputs as Record<keyof CslAbnInferenceInputs, tf.Tensor1D> & {
      x: tf.Tensor4D;
    };
    const parameters = { mean, variance, gamma: effectiveWeight(weight, epsilon), beta: bias };
    return activate(primitives.normalize(x, parameters, epsilon), slope, primitives);
  },
  flat: (memory, { x, weight, bias, mean, variance }, { epsilon, slope }) => {
    const y = memory.allocate(x.shape);
    const statistics = { mean: memory.view(mean), variance: memory.view(variance) };
    const parameters = { weight: memory.view(weight), bias: memory.view(bias), epsilon, slope };
    abnForward(memory.view(x), memory.view(y), statistics, parameters);
    return [y];
  },
  gradient: {
    inputsToSave: ["weight", "bias", "variance"],
    outputsToSave: [true],
    gradFunc: (dy, saved, attributes) => {
      const [weight, bias, variance, y] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      return gradients({ dy: dy as tf.Tensor, y, weight, bias, variance }, { ...attributes, frozen: true });
    },
  },
};

/**
 * [dx, dweight, dbias] from the activated output alone. The leaky activation is inverted, so with bn = leaky⁻¹(y)
 * and γ = |w| + ε: x̂ = (bn − b) / γ. For batch statistics over N values per channel
 * dx = γ/σ · (dz − mean(dz) − x̂ · mean(dz·x̂)); frozen statistics: dx = γ/σ · dz. dweight = ±Σ dz·x̂ with − where
 * w < 0, so a weight of exactly 0 trains (autograd through |w| would give 0).
 */
export const abnGrad: KernelDefinition<CslAbnGradInputs, CslAbnGradAttrs> = {
  name: CslAbnGrad,
  composed: ({ dy, y, weight, bias, variance }, { epsilon, slope, frozen }, primitives) => {
    const count = y.size / y.shape[3]!;
    const channelSum = (t: tf.Tensor): tf.Tensor => tf.mul(primitives.channelMean(t as tf.Tensor4D), count);
    const dz = slope === 1 ? dy : tf.mul(dy, tf.step(y, slope));
    const scaled = tf.sub(activate(y as tf.Tensor4D, 1 / slope, primitives), bias); // γ·x̂
    const gamma = effectiveWeight(weight, epsilon);
    const dbias = channelSum(dz);
    const dgamma = tf.div(channelSum(tf.mul(dz, scaled)), gamma);
    const dweight = tf.mul(dgamma, tf.sub(1, tf.mul(2, tf.cast(tf.less(weight, 0), "float32"))));
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const factor = tf.mul(gamma, inverse);
    if (frozen) return [tf.mul(dz, factor), dweight, dbias];
    // γ/σ · x̂ · mean(dz·x̂) = scaled · dgamma / (σ·N)
    const alongX = tf.div(tf.mul(dgamma, inverse), -count);
    const constant = tf.div(tf.mul(dbias, factor), -count);
    const dx = tf.add(tf.add(tf.mul(dz, factor), tf.mul(scaled, alongX)), constant);
    return [dx, dweight, dbias];
  },
  flat: (memory, { dy, y, weight, bias, variance }, { epsilon, slope, frozen }) => {
    const dx = memory.allocate(y.shape);
    const dweight = memory.allocate(weight.shape);
    const dbias = memory.allocate(weight.shape);
    const parameters = { weight: memory.view(weight), bias: memory.view(bias), epsilon, slope };
    const outputs = { dx: memory.view(dx), dweight: memory.view(dweight), dbias: memory.view(dbias) };
    const saved = { y: memory.view(y), variance: memory.view(variance), frozen };
    abnGradient(memory.view(dy), saved, outputs, parameters);
    return [dx, dweight, dbias];
  },
};

/** running · keep + batch · add, for every pair of a list. A kernel so that one call is enough and the tape does not record it. */
export const runningUpdate: KernelDefinition<CslRunningUpdateInputs, CslRunningUpdateAttrs> = {
  name: CslRunningUpdate,
  composed: (inputs, { keep, add }) => {
    const tensors = Object.values(inputs);
    return add.map((share, i) => tf.add(tf.mul(tensors[i]!, keep), tf.mul(tensors[i + add.length]!, share)));
  },
  flat: (memory, inputs, { keep, add }) => {
    const tensors = Object.values(inputs);
    return add.map((share, i) => {
      const next = memory.allocate(tensors[i]!.shape);
      const [old, now, out] = [tensors[i]!, tensors[i + add.length]!, next].map((each) =>
        memory.view(each),
      ) as Three;
      for (let n = 0; n < out.length; n++) out[n] = old[n]! * keep + now[n]! * share;
      return next;
    });
  },
};

type Three = [Float32Array, Float32Array, Float32Array];

// All outputs are computed here and not inside the closures: the tape tidies around each closure.
function gradients(
  inputs: Tensors<CslAbnGradInputs>,
  attributes: CslAbnGradAttrs,
): Record<"x" | "weight" | "bias", () => tf.Tensor> {
  const [dx, dweight, dbias] = runKernels(abnGrad, inputs, attributes) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return { x: () => dx, weight: () => dweight, bias: () => dbias };
}

/** Activated batch normalisation with batch statistics: [y, mean, biased variance], all differentiable through y only. */
export function abnTraining(
  x: tf.Tensor4D,
  weight: tf.Tensor1D,
  bias: tf.Tensor1D,
  attributes: CslAbnAttrs,
): [y: tf.Tensor4D, mean: tf.Tensor1D, variance: tf.Tensor1D] {
  return runKernels(abn, { x, weight, bias }, attributes) as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
}
