import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { batchPlace, notFinite } from "@csl/internal/kernels/bad-entry";
import * as tf from "@tensorflow/tfjs-core";
import { checkChoice, checkNumbers } from "./check-arguments.js";
import { checksValues } from "./kernel/check-batch.js";
import { power } from "./kernel/partial-loss-tensors.js";
import { scaled } from "./kernel/run-partial-loss.js";

export interface AsymmetricSingleLabelOptions {
  /** Default positive 0, negative 4. */
  gamma?: { positive?: number; negative?: number };
  /** Share of the target spread evenly over all classes. Default 0.1. */
  labelSmoothing?: number;
  /** Default `"mean"` over the batch. */
  reduction?: "sum" | "mean";
  /** Differentiate the focusing weight too, as the ASL repository does here. Default false. */
  focusGradient?: boolean;
  /** See {@link LossOptions.validate}. */
  validate?: boolean;
}

/**
 * The single-label form of ASL: with p = softmax(x), target t = (1-ε)·onehot + ε/C and the weight ω_c = (1-p_c)^γ+ of
 * the true class, p_c^γ- of the others: L = -Σ_c t_c ω_c log p_c.
 *
 * @param logits float32 [batch, classes], finite.
 * @param classes int32 [batch], the index of each sample's class.
 * Source: ASLSingleLabel of the ASL repository.
 */
export function asymmetricLossSingleLabel(
  logits: tf.Tensor,
  classes: tf.Tensor,
  options: AsymmetricSingleLabelOptions = {},
): tf.Scalar {
  checkOptions("asymmetricLossSingleLabel", options, {
    gamma: true,
    labelSmoothing: true,
    reduction: true,
    focusGradient: true,
    validate: true,
  });
  const { gamma = {}, labelSmoothing = 0.1, reduction = "mean", focusGradient = false } = options;
  checkOptions("asymmetricLossSingleLabel: gamma", gamma, { positive: true, negative: true });
  const { positive = 0, negative = 4 } = gamma;
  const [rows, count] = logits.shape as [number, number];
  if (logits.rank !== 2 || logits.size === 0 || classes.rank !== 1 || classes.shape[0] !== rows)
    throw new CslError(
      "mismatch",
      `asymmetricLossSingleLabel: expected logits [batch, classes] and class indices [batch], got [${logits.shape}] and [${classes.shape}]. For one 0/1 per class use asymmetricLoss.`,
    );
  checkNumbers("asymmetricLossSingleLabel", { "gamma.positive": positive, "gamma.negative": negative });
  checkNumbers("asymmetricLossSingleLabel", { labelSmoothing }, { most: 1 });
  checkChoice("asymmetricLossSingleLabel", "reduction", reduction, ["sum", "mean"]);
  if (checksValues("asymmetricLossSingleLabel", options.validate)) assertClasses(logits, classes, count);
  const loss = tf.customGrad((input, save) => {
    const x = input as tf.Tensor2D;
    const hot = tf.cast(tf.oneHot(tf.cast(classes, "int32") as tf.Tensor1D, count), "float32"); // [batch, classes]
    const cold = tf.sub(1, hot);
    const shifted = tf.sub(x, tf.max(x, 1, true));
    const logP = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
    const p = tf.exp(logP);
    const rest = tf.relu(tf.sub(1, p));
    const target = tf.add(tf.mul(hot, 1 - labelSmoothing), labelSmoothing / count);
    const focus = tf.add(tf.mul(hot, power(rest, positive)), tf.mul(cold, power(p, negative)));
    const weighted = tf.mul(target, focus);
    // d/dx_j of -Σ_c a_c log p_c is p_j Σ_c a_c - a_j; the focus adds Σ_c D_c p_c (δ_cj - p_j), D_c = t_c ω'_c · -log p_c
    let pull: tf.Tensor = tf.neg(weighted);
    if (focusGradient) {
      const logSlope = tf.sub(tf.mul(cold, negative), tf.mul(hot, tf.mul(positive, tf.divNoNan(p, rest)))); // ω' p / ω
      pull = tf.add(pull, tf.mul(tf.mul(weighted, logSlope), tf.neg(logP)));
    }
    const gradient = tf.sub(pull, tf.mul(p, tf.sum(pull, 1, true)));
    const scale = reduction === "mean" ? 1 / rows : 1;
    (save as tf.GradSaveFunc)([tf.mul(gradient, scale)]);
    const value = tf.mul(tf.sum(tf.mul(weighted, tf.neg(logP))), scale);
    return { value, gradFunc: (dy, saved) => scaled(saved[0]!, dy) };
  });
  return loss(logits) as tf.Scalar;
}

function assertClasses(logits: tf.Tensor, classes: tf.Tensor, count: number): void {
  const bad = classes.dataSync().find((index) => !(Number.isInteger(index) && index >= 0 && index < count));
  if (bad !== undefined)
    throw new CslError(
      "invalid-argument",
      `asymmetricLossSingleLabel: expected class indices 0 to ${count - 1}, got ${bad}.`,
    );
  const values = logits.dataSync();
  const i = values.findIndex((logit) => !Number.isFinite(logit));
  if (i >= 0) throw notFinite("asymmetricLossSingleLabel", values[i]!, batchPlace(i, count));
}
