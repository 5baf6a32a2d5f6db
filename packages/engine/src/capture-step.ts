import type * as tf from "@tensorflow/tfjs-core";

/** A step that is replayed. What `run` gives is valid until the next run. */
export interface CapturedStep {
  /** Inputs of the shapes it was recorded with. */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  dispose(): void;
}

/**
 * Records a step of fixed shapes once and replays it as a whole, which spares the host the time that each operator costs
 * it. The step reads no values and does the same whenever it runs; `variables` are what it reads or assigns besides its
 * inputs.
 *
 * @throws when the step cannot be recorded
 */
export type CaptureStep = (
  step: (inputs: tf.Tensor[]) => tf.Tensor[],
  example: readonly tf.Tensor[],
  options: { variables: readonly tf.Variable[] },
) => CapturedStep;
