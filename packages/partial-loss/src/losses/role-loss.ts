import { checkOptions } from "@csl/internal/errors/check-options";
import * as tf from "@tensorflow/tfjs-core";
import { checkNumbers } from "../check-arguments.js";
import { assertShapes, assertTensors, checksValues } from "../kernel/check-batch.js";
import { scaled } from "../kernel/run-partial-loss.js";
import { type Entries, evaluateFormula, type Formula } from "./entrywise-loss.js";
import { expectedPositivesPenalty } from "./expected-positives-loss.js";
import { addFormulas, softCrossEntropy, weightedCrossEntropy } from "./formulas.js";

export interface RoleOptions {
  /**
   * θ, [batch, classes]: the logits of the label estimates of this batch's samples (Ỹ = σ(θ)); trained along with the
   * model, at about ten times its learning rate. The loss is differentiable in both.
   */
  estimates: tf.Tensor;
  /** k, the positives an average sample has: VOC 1.5, COCO 2.9, NUS-WIDE 1.9, CUB 31.4. */
  expectedPositives: number;
  validate?: boolean;
}

/**
 * ROLE, regularized online label estimation: model and label estimates are trained by each other,
 * ½[L(F | Ỹ) + L(Ỹ | F)] with L(A | B) = mean of (ℓ on annotated classes + CE(B, A), B constant) + EPR penalty of A.
 * Source: Cole et al. (arXiv 2106.09708), without the ε of their code inside the logarithm.
 */
export function roleLoss(logits: tf.Tensor, labels: tf.Tensor, options: RoleOptions): tf.Scalar {
  checkOptions("roleLoss", options, { estimates: true, expectedPositives: true, validate: true });
  const { estimates, expectedPositives, validate } = options;
  assertShapes("roleLoss", logits, labels);
  assertShapes("roleLoss (estimates)", estimates, labels);
  checkNumbers("roleLoss", { expectedPositives });
  if (checksValues("roleLoss", validate))
    for (const [speaker, tensor] of [
      ["roleLoss", logits],
      ["roleLoss (estimates)", estimates],
    ] as const)
      assertTensors(speaker, tensor, labels);
  const half =
    (target: tf.Tensor) =>
    (entries: Entries): Formula => ({
      ...addFormulas(
        weightedCrossEntropy(entries, entries.positive, entries.negative),
        softCrossEntropy(entries, target),
      ),
      penalty: expectedPositivesPenalty(entries, expectedPositives, 1),
    });
  const loss = tf.customGrad((...args) => {
    const [x, theta, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const [modelLoss, modelGradient] = evaluateFormula(x, labels, "mean", half(tf.sigmoid(theta)));
    const [estimateLoss, estimateGradient] = evaluateFormula(theta, labels, "mean", half(tf.sigmoid(x)));
    save([tf.mul(modelGradient, 0.5), tf.mul(estimateGradient, 0.5)]);
    return {
      value: tf.mul(tf.add(modelLoss, estimateLoss), 0.5),
      gradFunc: (dy, saved) => saved.map((gradient) => scaled(gradient, dy)),
    };
  });
  return loss(logits, estimates) as tf.Scalar;
}
