import { CslError } from "@csl/internal/errors/csl-error";
import { batchPlace, notALabel, notFinite } from "@csl/internal/kernels/bad-entry";
import * as tf from "@tensorflow/tfjs-core";
import type { LabelledValues, UnannotatedPolicy } from "../policies/unannotated-policy.js";

/** Backends whose tensors the host reads at the price of a copy or less. */
const hostBackends = ["cpu", "wasm", "tensorflow", "torch"];

/** Whether values are checked when the caller does not say. */
export const checksByDefault = (): boolean => hostBackends.includes(tf.getBackend());

/** @throws CslError unless logits and labels are numeric [batch, classes] of one shape, at least one entry. */
export function assertShapes(speaker: string, logits: tf.Tensor, labels: tf.Tensor): void {
  if (logits.rank !== 2 || logits.size === 0 || logits.dtype !== "float32")
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected float32 logits of shape [batch, classes] with at least one entry, got ${logits.dtype} [${logits.shape}]. Reshape or cast them.`,
    );
  if (`${logits.shape}` !== `${labels.shape}` || !["float32", "int32", "bool"].includes(labels.dtype))
    throw new CslError(
      "mismatch",
      `${speaker}: expected float32 or int32 labels of the logits' shape [${logits.shape}], got ${labels.dtype} [${labels.shape}]. Do both use the same class list?`,
    );
}

/** @throws CslError `mismatch` unless the policy has a prior for every class, or none at all. */
export function assertPrior(speaker: string, { prior }: UnannotatedPolicy, logits: tf.Tensor): void {
  if (prior && prior.length !== logits.shape[1])
    throw new CslError(
      "mismatch",
      `${speaker}: expected a prior for these ${logits.shape[1]} classes, got ${prior.length} values. Estimate the prior with the class list you train with.`,
    );
}

/** @throws CslError unless there is a finite weight of at least 0 for every class. */
export function assertClassWeights(
  speaker: string,
  classWeights: ArrayLike<number> | undefined,
  logits: tf.Tensor,
): void {
  if (classWeights === undefined) return;
  if (classWeights?.length !== logits.shape[1])
    throw new CslError(
      "mismatch",
      `${speaker}: expected classWeights for these ${logits.shape[1]} classes, got ${classWeights?.length ?? classWeights} numbers. Give one per column.`,
    );
  for (let c = 0; c < classWeights.length; c++)
    if (!(classWeights[c]! >= 0 && Number.isFinite(classWeights[c])))
      throw new CslError(
        "invalid-argument",
        `${speaker}: expected classWeights to be numbers >= 0, got ${classWeights[c]} for class ${c}.`,
      );
}

/** One pass over the batch. @throws CslError at the first label that is not 1, 0 or -1, or logit that is not finite. */
export function assertValues(speaker: string, { logits, labels, classes }: LabelledValues): void {
  for (let i = 0; i < logits.length; i++) {
    const label = labels[i]!;
    if (label !== 1 && label !== 0 && label !== -1) throw notALabel(speaker, label, batchPlace(i, classes));
    const logit = logits[i]!;
    if (logit - logit !== 0) throw notFinite(speaker, logit, batchPlace(i, classes));
  }
}

/**
 * {@link assertValues} for tensors: two sums on the device and one number read back; only a bad batch is read whole.
 */
export function assertTensors(speaker: string, logits: tf.Tensor, labels: tf.Tensor): void {
  const suspicion = tf.tidy(() => {
    const y = tf.cast(labels, "float32");
    const offStates = tf.sum(tf.abs(tf.mul(y, tf.sub(tf.square(y), 1)))); // y³ = y for 1, 0, -1 alone
    return tf.add(tf.sum(tf.mul(logits, 0)), offStates).dataSync()[0]!; // 0 · NaN and 0 · ∞ are NaN
  });
  if (suspicion === 0) return;
  const [rows, classes] = logits.shape as [number, number];
  assertValues(speaker, { logits: logits.dataSync(), labels: labels.dataSync(), rows, classes });
}
