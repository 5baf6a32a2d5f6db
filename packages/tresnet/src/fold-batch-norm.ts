import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import { epsilon, squeezeExciteWeights } from "./forward-parts.js";
import { applyHead } from "./head.js";
import type { HeadPlan } from "./head-plan.js";
import { blurThenHalve } from "./kernels/blur-pool.js";
import { registerKernels } from "./kernels/register-kernels.js";
import { type ConvNormPlan, listConvNorms, type NetworkPlan } from "./plan.js";
import { firstRangeCheck } from "./range-check.js";
import { checkImages, type NetworkParts, runNetwork } from "./run-network.js";

/** A TResNet for inference: one fused convolution with bias and activation where the model has convolution and norm. */
export interface FoldedTResNet {
  /** Images [batch, height, width, 3] in [0, 1] -> logits [batch, classes]. */
  forward(images: tf.Tensor4D): tf.Tensor2D;
  /** The map before the pooling. */
  features(images: tf.Tensor4D): tf.Tensor4D;
  dispose(): void;
}

/** W' = W·γ/σ and b' = β − γ·mean/σ with γ = |w| + ε, σ = √(var + ε). Copies; the model may be disposed afterwards. */
export function foldBatchNorm(
  plan: NetworkPlan,
  { head, headKeys }: { head: HeadPlan; headKeys: readonly string[] },
  variable: (key: string) => tf.Variable,
): FoldedTResNet {
  const tensors = new Map<string, tf.Tensor>();
  const keep = (key: string, tensor: tf.Tensor): void => {
    tensors.set(key, tf.keep(tensor));
  };
  tf.tidy(() => {
    for (const convNorm of listConvNorms(plan)) {
      const { filter, bias } = foldOne(convNorm, variable);
      keep(convNorm.convKey, filter);
      keep(convNorm.normKey, bias);
    }
    for (const key of [...squeezeExciteKeys(plan), ...headKeys]) keep(key, tf.clone(variable(key)));
  });
  const tensor = (key: string): tf.Tensor => tensors.get(key)!;
  const parts = foldedParts(tensor);
  const checkRange = firstRangeCheck();
  const features = (images: tf.Tensor4D): tf.Tensor4D => {
    if (tensors.size === 0)
      throw new CslError("closed", "tresnet: expected a model in use, got one that was disposed.");
    checkImages(images);
    checkRange(images);
    registerKernels(tf.getBackend());
    return runNetwork(plan, parts, images);
  };
  return {
    features,
    forward: (images) => tf.tidy(() => applyHead(features(images), head, tensor)),
    dispose: () => {
      for (const kept of tensors.values()) kept.dispose();
      tensors.clear();
    },
  };
}

function foldOne(
  { convKey, normKey }: ConvNormPlan,
  variable: (key: string) => tf.Variable,
): { filter: tf.Tensor; bias: tf.Tensor } {
  const gamma = tf.add(tf.abs(variable(`${normKey}.weight`)), epsilon);
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variable(`${normKey}.running_var`), epsilon)));
  return {
    // HWIO: the output channel is the last axis, so the scale broadcasts.
    filter: tf.mul(variable(`${convKey}.weight`), scale),
    bias: tf.sub(variable(`${normKey}.bias`), tf.mul(variable(`${normKey}.running_mean`), scale)),
  };
}

function squeezeExciteKeys(plan: NetworkPlan): string[] {
  const excited = plan.stages.flat().flatMap(({ squeezeExcite }) => squeezeExcite ?? []);
  const layers = excited.flatMap(({ key }) => [`${key}.fc1`, `${key}.fc2`]);
  return layers.flatMap((key) => [`${key}.weight`, `${key}.bias`]);
}

function foldedParts(tensor: (key: string) => tf.Tensor): NetworkParts {
  return {
    convNorm: ({ convKey, normKey, slope, blur }, x) =>
      tf.tidy(() => {
        const y = tf.fused.conv2d({
          x,
          filter: tensor(convKey) as tf.Tensor4D,
          bias: tensor(normKey),
          strides: 1,
          pad: "same",
          ...(slope === 1 ? {} : { activation: "leakyrelu" as const, leakyreluAlpha: slope }),
        });
        return blur ? blurThenHalve(y) : y;
      }),
    squeezeExcite: (plan) => squeezeExciteWeights(plan, tensor),
  };
}
