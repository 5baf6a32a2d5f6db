import type { Tensor1D, Tensor2D, TensorInfo } from "@tensorflow/tfjs-core";

/*
 * The kernels that the packages of this repository add to TensorFlow.js: their names, inputs and attributes, in the
 * manner of tfjs-core's kernel_names.ts. `@csl/tresnet`, `@csl/partial-loss` and `@csl/trainer` run them and bring a
 * form for every backend; a backend may register a faster one under the same name. `tresnet/KERNELS.md` has the formulas.
 *
 * Tensors are float32 unless stated. x, y and their gradients are [batch, height, width, channels]; c = channels,
 * r = reduced channels. Inputs are `TensorInfo`; a form that is composed of operations receives the tensors themselves,
 * T = Tensor. A kernel with several outputs returns them as a list in the order given.
 */

/** y = leaky((x - mean) / √(variance + epsilon) · (|weight| + epsilon) + bias). Outputs y, mean [c], variance [c] (biased). */
export const CslAbn = "CslAbn";
export type CslAbnInputs<T = TensorInfo> = Record<"x" | "weight" | "bias", T>;
export interface CslAbnAttrs {
  /** Added to the variance and to |weight|. */
  epsilon: number;
  /** Slope below 0, in (0, 1]; 1 is the identity. */
  slope: number;
}

/** The same with given statistics. Output y. */
export const CslAbnInference = "CslAbnInference";
export type CslAbnInferenceInputs<T = TensorInfo> = Record<"x" | "weight" | "bias" | "mean" | "variance", T>;
export type CslAbnInferenceAttrs = CslAbnAttrs;

/** The gradient of both, from the output y alone. Outputs dx, dweight [c], dbias [c]. */
export const CslAbnGrad = "CslAbnGrad";
export type CslAbnGradInputs<T = TensorInfo> = Record<"dy" | "y" | "weight" | "bias" | "variance", T>;
export interface CslAbnGradAttrs extends CslAbnAttrs {
  /** The statistics were given, not those of the batch. */
  frozen: boolean;
}

/**
 * CslAbn whose batch is that of all processes that train together. Outputs y, mean [c], variance [c] (biased), and the unbiased
 * variance [c]. Composed of the kernels above on every backend.
 */
export const CslSyncedAbn = "CslSyncedAbn";
export type CslSyncedAbnInputs<T = TensorInfo> = CslAbnInputs<T>;
export interface CslSyncedAbnAttrs extends CslAbnAttrs {
  /** Replaces numbers by their sum over the processes, before it returns. Once forward, once backward. */
  sum(numbers: Float64Array): void;
}

/** Its gradient. Outputs dx, and of this process alone dweight [c], dbias [c]. */
export const CslSyncedAbnGrad = "CslSyncedAbnGrad";
export type CslSyncedAbnGradInputs<T = TensorInfo> = CslAbnGradInputs<T>;
export type CslSyncedAbnGradAttrs = CslSyncedAbnAttrs;

/** y = max(a + b, 0) of two tensors of one shape. Output y. */
export const CslAddRelu = "CslAddRelu";
export type CslAddReluInputs<T = TensorInfo> = Record<"a" | "b", T>;
export type CslAddReluAttrs = object;

/** Output dy where y > 0, else 0: the gradient of both summands. */
export const CslAddReluGrad = "CslAddReluGrad";
export type CslAddReluGradInputs<T = TensorInfo> = Record<"dy" | "y", T>;
export type CslAddReluGradAttrs = object;

/** Blur with [1, 2, 1] ⊗ [1, 2, 1] / 16, reflect padding 1, stride 2. Output y [batch, ⌈height/2⌉, ⌈width/2⌉, c]. */
export const CslBlurPool = "CslBlurPool";
export type CslBlurPoolInputs<T = TensorInfo> = Record<"x", T>;
export interface CslBlurPoolAttrs {
  /** The shape of x. */
  inputShape: [batch: number, height: number, width: number, channels: number];
}

/** Output dx. */
export const CslBlurPoolGrad = "CslBlurPoolGrad";
export type CslBlurPoolGradInputs<T = TensorInfo> = Record<"dy", T>;
export type CslBlurPoolGradAttrs = CslBlurPoolAttrs;

/** Mean over 2 x 2, stride 2; at an odd edge over what is there. Output y [batch, ⌈height/2⌉, ⌈width/2⌉, c]. */
export const CslCeilAvgPool = "CslCeilAvgPool";
export type CslCeilAvgPoolInputs<T = TensorInfo> = Record<"x", T>;
export type CslCeilAvgPoolAttrs = CslBlurPoolAttrs;

/** Output dx. */
export const CslCeilAvgPoolGrad = "CslCeilAvgPoolGrad";
export type CslCeilAvgPoolGradInputs<T = TensorInfo> = Record<"dy", T>;
export type CslCeilAvgPoolGradAttrs = CslBlurPoolAttrs;

/**
 * y = x · gate, gate = σ(hidden · w2 + b2), hidden = relu(pooled · w1 + b1), pooled = mean of x over height and width.
 * w1 [1, 1, c, r], b1 [r], w2 [1, 1, r, c], b2 [c]. Outputs y, pooled [batch, c], hidden [batch, r], gate [batch, c].
 */
export const CslSqueezeExcite = "CslSqueezeExcite";
export type CslSqueezeExciteInputs<T = TensorInfo> = Record<"x" | "w1" | "b1" | "w2" | "b2", T>;
export type CslSqueezeExciteAttrs = object;

/** Outputs dx, dw1, db1, dw2, db2. */
export const CslSqueezeExciteGrad = "CslSqueezeExciteGrad";
export type CslSqueezeExciteGradInputs<T = TensorInfo> = Record<
  "dy" | "x" | "pooled" | "hidden" | "gate" | "w1" | "w2",
  T
>;
export type CslSqueezeExciteGradAttrs = object;

/**
 * The running statistics of many norms. Inputs running ×n, batch ×n in one list; outputs running · keep + batch · add[i], ×n.
 * A `tf.Variable` among the running ones may lose its values as in {@link CslAdam}.
 */
export const CslRunningUpdate = "CslRunningUpdate";
export type CslRunningUpdateInputs<T = TensorInfo> = T[];
export interface CslRunningUpdateAttrs {
  keep: number;
  /** One for each. */
  add: number[];
}

/**
 * The loss of `@csl/partial-loss` over logits [batch, classes] and labels of that shape (float32, int32 or bool); `prior`
 * [classes] where the policy has one. Outputs the loss, a scalar, and its gradient with respect to the logits.
 */
export const CslPartialLoss = "CslPartialLoss";
export type CslPartialLossInputs<T = TensorInfo> = Record<"logits" | "labels", T> & { prior?: T };
export interface CslPartialLossAttrs {
  /** Focusing exponents. */
  readonly gamma: PerLabel;
  /** Weights. */
  readonly alpha: PerLabel;
  /** Probability margin of negatives and un-annotated. */
  readonly clip: number;
  readonly reduction: "sum" | "mean" | "annotated-mean";
  /** Differentiate the focusing weight too. */
  readonly focusGradient: boolean;
  /** Check labels and logits by value. */
  readonly validate: boolean;
  /** The function that speaks in error messages. */
  readonly speaker: string;
  readonly policy: {
    /** `negative`, `ignore`, `normalized`, `selective`, or a name of the caller's own. */
    readonly name: string;
    readonly settings: Readonly<Record<string, number | string | boolean>>;
    /** One weight per entry, for a backend that does not know the policy. Labels are float32 here. */
    weighTensors(batch: { logits: Tensor2D; labels: Tensor2D; prior?: Tensor1D }): Tensor2D;
  };
}
/** One number for each label state. */
export interface PerLabel {
  positive: number;
  negative: number;
  unannotated: number;
}

/**
 * One step of Adam over many parameters at once.
 *
 * Inputs: value ×n, gradient ×n, moment1 ×n, moment2 ×n and, if `averaged`, average ×n, in one list.
 * Outputs: value ×n, moment1 ×n, moment2 ×n (, average ×n), each under a new id: a backend may keep packed copies of a
 * filter by its id (XNNPACK does).
 *
 * Plain tensors and gradients keep their values. A `tf.Variable` whose id no other tensor has may lose its values: the
 * backend may make the new ones in its memory (torch does), so the caller assigns the outputs at once. What was read or
 * derived before keeps its values: a clone, a slice, another variable made of it, a read in progress.
 */
export const CslAdam = "CslAdam";
export type CslAdamInputs<T = TensorInfo> = T[];
export interface CslAdamAttrs {
  /** The number of parameters, n. */
  count: number;
  averaged: boolean;
  lr: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** true: AdamW. false: the decay joins the gradient (L2). */
  decoupled: boolean;
  /** 1 - beta1^t with this step's beta1, as torch computes it when beta1 cycles. */
  correction1: number;
  /** 1 - beta2^t. */
  correction2: number;
  /** Share of the old moving average that stays. */
  emaDecay: number;
  /** One per parameter. */
  weightDecay: number[];
}

/**
 * The same for a backend whose `guardsSteps` is true, as a step that a recording may hold: what changes from step to step is in
 * tensors. Two more inputs: a list of numbers, and rows of {@link stepNumbers}. Where one of the former, or its square in float32,
 * is not finite, every value stays what it was; moments and averages may then be anything.
 */
export interface CslGuardedAdamAttrs
  extends Omit<CslAdamAttrs, "lr" | "beta1" | "correction1" | "correction2" | "emaDecay"> {
  guarded: true;
  /** Which row counts. */
  row: number;
}

/**
 * The length of a row of what changes from step to step: lr / (1 - beta1^t), beta1 / (1 - beta1), 1 - beta1, t (the steps taken, this one included), lr,
 * share of the old moving average that stays.
 */
export const stepNumbers = 6;

/**
 * A moving average alone. Inputs value ×n, average ×n in one list; outputs decay · average + (1 - decay) · value, ×n. A
 * `tf.Variable` among the averages may lose its values as in {@link CslAdam}.
 */
export const CslAverage = "CslAverage";
export type CslAverageInputs<T = TensorInfo> = T[];
export interface CslAverageAttrs {
  /** The number of parameters, n. */
  count: number;
  /** Share of the old moving average that stays. */
  decay: number;
}

/** The same with one more input, rows of {@link stepNumbers}, as in {@link CslGuardedAdamAttrs}. */
export interface CslGuardedAverageAttrs extends Omit<CslAverageAttrs, "decay"> {
  row: number;
}

/**
 * √Σx² over all numbers of a list of tensors. Output a scalar; NaN or infinite where one of the numbers, or the sum of
 * their squares in float32, is.
 */
export const CslNorm = "CslNorm";
export type CslNormInputs<T = TensorInfo> = T[];
export type CslNormAttrs = object;
