import * as tf from "@tensorflow/tfjs-core";
import { type Differentiated, differentiate, type Objective } from "./differentiate.js";

/**
 * Records a step of fixed shapes once and replays it as a whole; an engine of @csl/engine offers it as `captureStep`
 * where its backend can. `variables` are what the step reads or assigns besides its inputs. What `run` gives is valid
 * until the next run.
 */
export type CaptureStep = (
  step: (inputs: tf.Tensor[]) => tf.Tensor[],
  example: readonly tf.Tensor[],
  options: { variables: readonly tf.Variable[] },
) => { run(inputs: readonly tf.Tensor[]): tf.Tensor[]; dispose(): void };

export interface CapturedGradients {
  /** As `differentiate`: the caller owns the tensors. */
  differentiate(images: tf.Tensor4D, labels: tf.Tensor2D): Differentiated;
  dispose(): void;
}

/**
 * `differentiate`, recorded at the first batch and replayed for every batch of its shape. A larger batch is recorded in
 * its place; smaller ones (the last of an epoch) are computed without it.
 *
 * @param options.variables what the step reads or assigns; default: parameters and buffers of the objective's model
 * @param options.lasting gradients and loss outlive the next batch, at the price of a copy; otherwise their numbers do not
 * @throws when a step cannot be recorded, with the engine's reason
 */
export function capturedGradients(
  objective: Objective,
  captureStep: CaptureStep,
  options: { lasting?: boolean; variables?: readonly tf.Variable[] } = {},
): CapturedGradients {
  const { lasting = false } = options;
  const { model } = objective;
  const variables = options.variables ?? [...model.parameters().values(), ...model.buffers().values()];
  let recording: Recording | undefined;
  const taken = (tensor: tf.Tensor): tf.Tensor => (lasting ? tf.mul(tensor, 1) : tf.clone(tensor));
  const compute = (images: tf.Tensor4D, labels: tf.Tensor2D): Differentiated => {
    if (!recording || images.size > recording.size) {
      recording?.step.dispose();
      recording = undefined; // should the next one fail
      recording = record(objective, captureStep, variables, [images, labels]);
    }
    if (recording.shapes !== describeShapes(images, labels)) return differentiate(objective, images, labels);
    const [loss, logits, ...gradients] = recording.step.run([images, labels]);
    return {
      loss: taken(loss!) as tf.Scalar,
      logits: tf.clone(logits!) as tf.Tensor2D,
      gradients: new Map(recording.keys.map((key, i) => [key, taken(gradients[i]!)])),
    };
  };
  return {
    differentiate(images, labels) {
      const { trainedBatches } = model;
      const result = compute(images, labels);
      if (trainedBatches !== undefined) model.trainedBatches = trainedBatches + 1;
      return result;
    },
    dispose: () => recording?.step.dispose(),
  };
}

interface Recording {
  step: ReturnType<CaptureStep>;
  /** Of the gradients among the step's results. */
  keys: string[];
  shapes: string;
  size: number;
}

function record(
  objective: Objective,
  captureStep: CaptureStep,
  variables: readonly tf.Variable[],
  inputs: [images: tf.Tensor4D, labels: tf.Tensor2D],
): Recording {
  const recorded = { keys: [] as string[], shapes: describeShapes(...inputs), size: inputs[0].size };
  const step = (places: tf.Tensor[]): tf.Tensor[] => {
    const { loss, logits, gradients } = differentiate(
      objective,
      places[0] as tf.Tensor4D,
      places[1] as tf.Tensor2D,
    );
    recorded.keys = [...gradients.keys()];
    return [loss, logits, ...gradients.values()];
  };
  return Object.assign(recorded, { step: captureStep(step, inputs, { variables }) });
}

const describeShapes = (...tensors: tf.Tensor[]): string => tensors.map(({ shape }) => `[${shape}]`).join();
