import { hostMemories } from "@csl/internal/kernels/host-memory";
import { CslPartialLoss } from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { assertClassWeights, assertPrior, assertShapes, checksValues } from "./check-batch.js";
import { type LossOptions, lossSettings } from "./loss-settings.js";
import { checkReduction } from "./reduction.js";
import { ensureKernel } from "./register-kernels.js";

/** The checks of every P-ASL loss (names of options apart), then one kernel whose gradient is its second output. */
export function runPartialLoss(
  speaker: string,
  logits: tf.Tensor,
  labels: tf.Tensor,
  { validate, ...options }: LossOptions,
): tf.Scalar {
  assertShapes(speaker, logits, labels);
  assertClassWeights(speaker, options.classWeights, logits);
  const settings = lossSettings(speaker, options, checksValues(speaker, validate));
  checkReduction(speaker, settings.reduction);
  assertPrior(speaker, settings.policy, logits);
  const { prior } = settings.policy;
  ensureKernel(tf.getBackend());
  const loss = tf.customGrad((x, save) => {
    const inputs: tf.NamedTensorMap = { logits: x as tf.Tensor, labels };
    if (prior) inputs.prior = tf.tensor1d(prior);
    const [value, gradient] = tf
      .engine()
      .runKernel<tf.Tensor[]>(CslPartialLoss, inputs, settings as unknown as tf.NamedAttrMap);
    (save as tf.GradSaveFunc)([gradient!]);
    return { value: value!, gradFunc: (dy, saved) => scaled(saved[0]!, dy) };
  });
  return loss(logits) as tf.Scalar;
}

/** dy · gradient. Where reading dy is free, the usual dy = 1 costs nothing. */
export function scaled(gradient: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  if (hostMemories[tf.getBackend()] && dy.dataSync()[0] === 1) return tf.clone(gradient);
  return tf.mul(dy, gradient);
}
