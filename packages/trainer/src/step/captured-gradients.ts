import type * as tf from "@tensorflow/tfjs-core";
import { type Differentiated, differentiate, type Objective } from "./differentiate.js";
import { type CaptureStep, recorded } from "./recorded.js";

export interface CapturedGradients {
  /** As `differentiate`: the caller owns the tensors. */
  differentiate(images: tf.Tensor4D, labels: tf.Tensor2D): Differentiated;
  dispose(): void;
}

/**
 * `differentiate`, {@link recorded}: for steps whose gradients are looked at before they are taken.
 *
 * @param options.variables what the step reads or assigns; default: parameters and buffers of the objective's model
 * @param options.lasting gradients and loss outlive the next batch
 */
export function capturedGradients(
  objective: Objective,
  captureStep: CaptureStep,
  options: { lasting?: boolean; variables?: readonly tf.Variable[] } = {},
): CapturedGradients {
  const { lasting = false } = options;
  const { model } = objective;
  const variables = options.variables ?? [...model.parameters().values(), ...model.buffers().values()];
  const compute = ([images, labels]: tf.Tensor[]): { tensors: tf.Tensor[]; layout: string[] } => {
    const result = differentiate(objective, images as tf.Tensor4D, labels as tf.Tensor2D);
    const { loss, logits, gradients } = result;
    return { tensors: [loss, logits, ...gradients.values()], layout: [...gradients.keys()] };
  };
  const recording = recorded(compute, captureStep, { variables, lasting });
  return {
    differentiate(images, labels) {
      const { trainedBatches } = model;
      const {
        tensors: [loss, logits, ...gradients],
        layout,
      } = recording.run([images, labels]);
      if (trainedBatches !== undefined) model.trainedBatches = trainedBatches + 1;
      return {
        loss: loss as tf.Scalar,
        logits: logits as tf.Tensor2D,
        gradients: new Map(layout.map((key, i) => [key, gradients[i]!])),
      };
    },
    dispose: recording.dispose,
  };
}
