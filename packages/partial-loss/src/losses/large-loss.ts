import { checkOptions } from "@csl/internal/errors/check-options";
import * as tf from "@tensorflow/tfjs-core";
import { checkChoice, checkNumbers } from "../check-arguments.js";
import { type Entries, type EntrywiseOptions, entrywiseLoss, entrywiseOptions } from "./entrywise-loss.js";
import { weightedCrossEntropy } from "./formulas.js";

export interface LargeLossOptions extends EntrywiseOptions {
  /** Share of the batch's entries to treat as missing positives; the paper raises it by Δ each epoch. */
  rate: number;
  /** `reject` drops them (LL-R), `correct` scores them as positives in this step (LL-Ct). Default `reject`. */
  mode?: "reject" | "correct";
}

/**
 * LL-R and LL-Ct: un-annotated classes are negatives, except the k = ceil(batch · C · rate) whose loss is largest;
 * ties with the k-th are among them. Default reduction `mean`. Source: Kim et al. (arXiv 2206.03740).
 */
export function largeLoss(logits: tf.Tensor, labels: tf.Tensor, options: LargeLossOptions): tf.Scalar {
  checkOptions("largeLoss", options, { rate: true, mode: true, ...entrywiseOptions });
  const { rate, mode = "reject", ...others } = options;
  checkNumbers("largeLoss", { rate }, { most: 1 });
  checkChoice("largeLoss", "mode", mode, ["reject", "correct"]);
  return entrywiseLoss("largeLoss", logits, labels, others, (entries) => {
    const large = largestLosses(entries, Math.ceil(entries.x.size * rate));
    const negative = tf.add(entries.negative, tf.sub(entries.unannotated, large));
    const positive = mode === "correct" ? tf.add(entries.positive, large) : entries.positive;
    return weightedCrossEntropy(entries, positive, negative);
  });
}

/** 1 at the un-annotated entries with the k largest logits (the loss of a negative grows with its logit). */
function largestLosses({ x, unannotated }: Entries, k: number): tf.Tensor {
  if (k === 0) return tf.zerosLike(unannotated);
  const keys = tf.where(tf.cast(unannotated, "bool"), x, tf.fill(x.shape, -3e38));
  const threshold = tf.min(tf.topk(tf.reshape(keys, [1, x.size]), k, false).values);
  return tf.mul(unannotated, tf.sub(1, tf.step(tf.sub(threshold, x)))); // not below the threshold
}
