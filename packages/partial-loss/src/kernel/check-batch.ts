import { CslError } from "@csl/internal/errors/csl-error";
import { batchPlace, notALabel, notFinite } from "@csl/internal/kernels/bad-entry";
import { readsAtOnce } from "@csl/internal/kernels/reads-at-once";
import * as tf from "@tensorflow/tfjs-core";
import type { LabelledValues, UnannotatedPolicy } from "../policies/unannotated-policy.js";

/** Backends whose tensors the host reads at the price of a copy or less. */
const hostBackends = ["cpu", "wasm", "tensorflow", "torch"];

/**
 * Whether a call checks values: as its caller says, else where that costs little.
 *
 * @throws CslError `unsupported` where they cannot be had within a call
 */
export function checksValues(
  speaker: string,
  validate: boolean = hostBackends.includes(tf.getBackend()),
): boolean {
  if (validate && !readsAtOnce())
    throw new CslError(
      "unsupported",
      `${speaker}: expected a backend that gives values at once for validate: true, got ${tf.getBackend()}, which gives them later. ` +
        "Leave validate out, and check a batch before by await checkBatch(logits, labels).",
    );
  return validate;
}

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
  const found = tf.tidy(() => suspicion(logits, labels).dataSync()[0]!);
  if (found === 0) return;
  const [rows, classes] = logits.shape as [number, number];
  assertValues(speaker, { logits: logits.dataSync(), labels: labels.dataSync(), rows, classes });
}

/** 0 for a batch without a bad entry, on the device. */
function suspicion(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  const y = tf.cast(labels, "float32");
  const offStates = tf.sum(tf.abs(tf.mul(y, tf.sub(tf.square(y), 1)))); // y³ = y for 1, 0, -1 alone
  return tf.add(tf.sum(tf.mul(logits, 0)), offStates); // 0 · NaN and 0 · ∞ are NaN
}

/**
 * The check that the losses make with `validate`, for backends on which that is off or costs a wait (webgl, webgpu): waits for
 * one number of the device.
 *
 * @param logits float32 [batch, classes]
 * @param labels 1, 0 or -1, [batch, classes]
 * @throws CslError for shapes that do not fit, at the first label that is not 1, 0 or -1, and `not-finite` at the first logit
 * that is not finite.
 */
export async function checkBatch(logits: tf.Tensor, labels: tf.Tensor): Promise<void> {
  assertShapes("checkBatch", logits, labels);
  const tensor = tf.tidy(() => suspicion(logits, labels));
  try {
    if ((await tensor.data())[0] === 0) return;
  } finally {
    tensor.dispose();
  }
  const [rows, classes] = logits.shape as [number, number];
  const [x, y] = await Promise.all([logits.data(), labels.data()]);
  assertValues("checkBatch", { logits: x, labels: y, rows, classes });
}
