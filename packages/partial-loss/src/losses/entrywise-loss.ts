import type { OptionNames } from "@csl/internal/errors/check-options";
import * as tf from "@tensorflow/tfjs-core";
import { assertShapes, assertTensors, checksValues } from "../kernel/check-batch.js";
import { reduceTensors } from "../kernel/partial-loss-tensors.js";
import { checkReduction, type Reduction } from "../kernel/reduction.js";
import { scaled } from "../kernel/run-partial-loss.js";

/** What every loss of the family takes besides its own parameters. */
export interface EntrywiseOptions {
  /** `"sum"`, `"mean"` or `"annotated-mean"`, as in `LossOptions`; each loss states its default. */
  reduction?: Reduction;
  /** See `LossOptions.validate`. */
  validate?: boolean;
}

export const entrywiseOptions: OptionNames<EntrywiseOptions> = { reduction: true, validate: true };

/** A batch in the terms in which the papers write; every tensor is [batch, classes]. */
export interface Entries {
  readonly x: tf.Tensor2D;
  /** p = σ(x). */
  readonly p: tf.Tensor2D;
  /** 1 - p without cancellation. */
  readonly q: tf.Tensor2D;
  /** ℓ+ = -log p, whose slope is -q. */
  readonly positiveLoss: tf.Tensor2D;
  /** ℓ- = -log(1-p), whose slope is p. */
  readonly negativeLoss: tf.Tensor2D;
  /** 1 where the label is positive, negative, un-annotated; else 0. */
  readonly positive: tf.Tensor2D;
  readonly negative: tf.Tensor2D;
  readonly unannotated: tf.Tensor2D;
  readonly rows: number;
  readonly classes: number;
}

/** A loss as its formula: losses per entry and their slopes in x, and a penalty on the batch as a whole. */
export interface Formula {
  losses: tf.Tensor;
  slopes: tf.Tensor;
  /** Added after the reduction. */
  penalty?: { value: tf.Tensor; slopes: tf.Tensor };
}

/** Value and analytic gradient of a formula. Call inside a tidy. */
export function evaluateFormula(
  logits: tf.Tensor,
  labels: tf.Tensor,
  reduction: Reduction,
  formula: (entries: Entries) => Formula,
): [loss: tf.Tensor, gradient: tf.Tensor] {
  const x = logits as tf.Tensor2D;
  const y = tf.cast(labels as tf.Tensor2D, "float32");
  const [rows, classes] = x.shape;
  const { losses, slopes, penalty } = formula({
    x,
    p: tf.sigmoid(x),
    q: tf.sigmoid(tf.neg(x)),
    positiveLoss: tf.softplus(tf.neg(x)),
    negativeLoss: tf.softplus(x),
    positive: tf.relu(y),
    negative: tf.sub(1, tf.abs(y)),
    unannotated: tf.relu(tf.neg(y)),
    rows,
    classes,
  });
  const [loss, gradient] = reduceTensors(reduction, y, losses, slopes);
  return penalty ? [tf.add(loss, penalty.value), tf.add(gradient, penalty.slopes)] : [loss, gradient];
}

/** Checks (names of options apart), then the formula as a differentiable scalar: all of a loss except its formula. */
export function entrywiseLoss(
  speaker: string,
  logits: tf.Tensor,
  labels: tf.Tensor,
  { reduction = "mean", validate }: EntrywiseOptions,
  formula: (entries: Entries) => Formula,
): tf.Scalar {
  assertShapes(speaker, logits, labels);
  checkReduction(speaker, reduction);
  if (checksValues(speaker, validate)) assertTensors(speaker, logits, labels);
  const loss = tf.customGrad((x, save) => {
    const [value, gradient] = evaluateFormula(x as tf.Tensor, labels, reduction, formula);
    (save as tf.GradSaveFunc)([gradient]);
    return { value, gradFunc: (dy, saved) => scaled(saved[0]!, dy) };
  });
  return loss(logits) as tf.Scalar;
}
