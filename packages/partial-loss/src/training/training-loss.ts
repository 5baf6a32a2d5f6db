import type { StateDict } from "@csl/internal/tensors/state-dict";
import type * as tf from "@tensorflow/tfjs-core";

/** Where in a training a batch is. */
export interface LossPlace {
  /** From 0. */
  epoch: number;
  /** Which samples of the training set the rows are, from 0; absent where the batches do not say. */
  samples?: ArrayLike<number>;
}

/** A batch that has been trained on, in plain numbers, row after row. */
export interface ObservedBatch {
  /** In training mode, before the step. */
  logits: ArrayLike<number>;
  labels: ArrayLike<number>;
  samples?: ArrayLike<number> | undefined;
  epoch: number;
}

/**
 * A loss that changes while the model trains, with the epoch or with numbers that it keeps of each sample. `train` of
 * @csl/trainer takes one as its `loss` and keeps its state in the checkpoints.
 */
export interface TrainingLoss {
  /** (logits [batch, classes], labels [batch, classes], place) → scalar, differentiable in the logits. */
  loss(logits: tf.Tensor2D, labels: tf.Tensor2D, place: LossPlace): tf.Scalar;
  /** After each batch of a step. */
  observe?(batch: ObservedBatch): void;
  /** After each optimizer step, which was taken at this rate. */
  step?(rate: { lr: number; beta1: number }): void;
  /** After the last step of an epoch (from 0). */
  endEpoch?(epoch: number): void;
  /** Everything that a resume needs, where the loss keeps numbers; `load` takes the same. */
  state?(): StateDict;
  load?(state: StateDict): void;
}

/** A loss that keeps numbers of each sample. */
export type LossWithMemory = TrainingLoss & Required<Pick<TrainingLoss, "observe" | "state" | "load">>;
