import type { StateDict } from "@csl/internal/tensors/state-dict";
import type * as tf from "@tensorflow/tfjs-core";

/** What the trainer needs of a model; `TResNet` of @csl/tresnet is one. */
export interface InferableModel {
  /** Images [batch, height, width, 3] in [0, 1] → logits [batch, classes]. */
  forward(images: tf.Tensor4D, options?: { training?: boolean }): tf.Tensor2D;
}

export interface TrainableModel extends InferableModel {
  /** Trainable variables by state-dict key. */
  parameters(): ReadonlyMap<string, tf.Variable>;
  /** Running statistics by state-dict key. */
  buffers(): ReadonlyMap<string, tf.Variable>;
  /** Batches seen in training mode, if the model counts them: no replay of a recorded step (`captureStep`) can. */
  trainedBatches?: number;
  /**
   * Makes the batch of the model's norms that of all processes: `sum` replaces numbers by their sum over them, before it returns.
   * Without it the batch is this process's again. Absent in a model that cannot (`syncBn`).
   */
  syncNorms?(sum?: (numbers: Float64Array) => void): void;
  /** A copy of the weights and statistics. */
  stateDict(): Promise<StateDict>;
  loadStateDict(state: StateDict, options?: { strict?: boolean }): unknown;
}
