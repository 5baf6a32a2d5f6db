import type * as tf from "@tensorflow/tfjs-core";

/** Logits and labels as plain memory, row-major [rows, classes]. */
export interface LabelledValues {
  readonly logits: ArrayLike<number>;
  /** 1, 0 or -1 each. */
  readonly labels: ArrayLike<number>;
  readonly rows: number;
  readonly classes: number;
}

/** The same batch as tensors: labels are float32. */
export interface LabelledTensors {
  readonly logits: tf.Tensor2D;
  readonly labels: tf.Tensor2D;
  /** The policy's prior, [classes]. */
  readonly prior?: tf.Tensor1D;
}

/**
 * What the loss does with un-annotated entries: a weight for every entry of the batch, constant for the gradient.
 * A policy says it twice, in plain numbers (fast where the host owns the memory) and in tensors (every backend);
 * both must give the same weights. `name` and `settings` are plain data, so that a native kernel can know the policy.
 */
export interface UnannotatedPolicy {
  readonly name: string;
  readonly settings: Readonly<Record<string, number | string | boolean>>;
  /** P_r per class in the order of the columns, when the policy has one. */
  readonly prior?: Float32Array;
  /** Writes the weight of every entry to `weights` [rows * classes]. */
  weighValues(batch: LabelledValues, weights: Float32Array): void;
  /** Returns the weights, [batch, classes]. Called inside a tidy. */
  weighTensors(batch: LabelledTensors): tf.Tensor2D;
}
