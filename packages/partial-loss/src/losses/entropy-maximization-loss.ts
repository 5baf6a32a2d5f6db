import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import { checkNumbers } from "../check-arguments.js";
import { type EntrywiseOptions, entrywiseLoss, entrywiseOptions } from "./entrywise-loss.js";
import { addFormulas, softCrossEntropy, weigh, weightedCrossEntropy } from "./formulas.js";

export interface EntropyMaximizationOptions extends EntrywiseOptions {
  /** Pull towards uncertainty: VOC 0.2, COCO and NUS-WIDE 0.1, CUB 0.01. Default 0.1. */
  alpha?: number;
  /** APL: [batch, classes], a pseudo target in [0, 1] where one was assigned, -1 elsewhere. */
  softNegatives?: tf.Tensor;
  /** Weight of the soft negatives: VOC 0.02, COCO 0.9, NUS-WIDE 0.2, CUB 0.4. Default 0.9. */
  beta?: number;
}

/**
 * EM and EM+APL: cross entropy on annotated classes, -α·H(p) on un-annotated ones (the loss may be negative), and
 * β·CE(target, p) on un-annotated classes that carry a soft negative. Default reduction `mean`.
 * Source: Zhou et al. (arXiv 2203.16219), without their ε inside the logarithm.
 */
export function entropyMaximizationLoss(
  logits: tf.Tensor,
  labels: tf.Tensor,
  options: EntropyMaximizationOptions = {},
): tf.Scalar {
  checkOptions("entropyMaximizationLoss", options, {
    alpha: true,
    softNegatives: true,
    beta: true,
    ...entrywiseOptions,
  });
  const { alpha = 0.1, softNegatives, beta = 0.9, ...others } = options;
  checkNumbers("entropyMaximizationLoss", { alpha, beta });
  if (softNegatives && `${softNegatives.shape}` !== `${logits.shape}`)
    throw new CslError(
      "mismatch",
      `entropyMaximizationLoss: expected softNegatives of the logits' shape [${logits.shape}], got [${softNegatives.shape}]. Put -1 where there is none.`,
    );
  return entrywiseLoss("entropyMaximizationLoss", logits, labels, others, (entries) => {
    const { x, p, q, positiveLoss, negativeLoss, positive, negative, unannotated } = entries;
    const entropy = {
      losses: tf.add(tf.mul(p, positiveLoss), tf.mul(q, negativeLoss)),
      slopes: tf.neg(tf.mul(x, tf.mul(p, q))), // dH/dp = log((1-p)/p) = -x
    };
    const known = weightedCrossEntropy(entries, positive, negative);
    if (!softNegatives) return addFormulas(known, weigh(tf.mul(unannotated, -alpha), entropy));
    const soft = tf.mul(unannotated, tf.sub(1, tf.step(tf.neg(softNegatives))));
    const open = tf.sub(unannotated, soft);
    const pseudo = softCrossEntropy(entries, tf.relu(softNegatives));
    return addFormulas(
      addFormulas(known, weigh(tf.mul(open, -alpha), entropy)),
      weigh(tf.mul(soft, beta), pseudo),
    );
  });
}
