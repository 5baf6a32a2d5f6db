import * as tf from "@tensorflow/tfjs-core";
import type { BatchTensors } from "../batch.js";
import type { TrainableModel } from "../model.js";
import type { Adam } from "../optimizer/adam.js";
import type { Ema } from "../optimizer/ema.js";
import { norm } from "../optimizer/norm.js";
import { addInto } from "./add-into.js";
import { differentiate, type Objective } from "./differentiate.js";
import { type CaptureStep, recorded } from "./recorded.js";

/** A batch on the device, and its loss. */
export interface LossOfBatch extends BatchTensors {
  loss: Objective["loss"];
}

/** What changes in a step. */
export interface Stepped {
  model: TrainableModel;
  adam: Adam;
  ema?: Ema | undefined;
  clipGradNorm?: number | undefined;
}

/** What a step gives; the caller owns it. */
export interface StepTensors {
  /** The norms of gradients and running statistics, then the loss of each batch. */
  seen: tf.Tensor;
  /** Of each batch. */
  logits: tf.Tensor2D[];
  /** Summed over the batches, before clipping. */
  gradients: Map<string, tf.Tensor>;
}

/**
 * A step from images to weights and averages that is tensors alone, on a backend that guards steps: the optimizer's part is left
 * out by the device where the loss or a norm is not finite. Nothing is counted.
 *
 * @param numbers of `Adam.numbers`
 * @param onSeen gets `seen` before the optimizer's part is queued
 */
export function wholeStep(
  { model, adam, ema, clipGradNorm }: Stepped,
  batches: readonly LossOfBatch[],
  numbers: tf.Tensor,
  onSeen?: (seen: tf.Tensor) => void,
): StepTensors {
  const gradients = new Map<string, tf.Tensor>();
  const logits: tf.Tensor2D[] = [];
  const losses: tf.Scalar[] = [];
  for (const { images, labels, loss } of batches) {
    const result = differentiate({ model, loss }, images, labels);
    addInto(gradients, result.gradients);
    losses.push(result.loss);
    logits.push(result.logits);
  }
  const seen = tf.tidy(() =>
    tf.stack([norm([...gradients.values()]), norm([...model.buffers().values()]), ...losses]),
  );
  tf.dispose(losses);
  onSeen?.(seen);
  const clipped = clipGradNorm === undefined ? gradients : clip(gradients, seen, clipGradNorm);
  const averaged = adam.move(clipped, { numbers, guard: seen, ema });
  ema?.move(averaged, numbers);
  if (clipped !== gradients) tf.dispose([...clipped.values()]);
  return { seen, logits, gradients };
}

/** New gradients, scaled down to a norm with torch.nn.utils.clip_grad_norm_'s factor; `seen` begins with the norm. */
function clip(
  gradients: ReadonlyMap<string, tf.Tensor>,
  seen: tf.Tensor,
  most: number,
): Map<string, tf.Tensor> {
  const factor = tf.tidy(() => tf.minimum(1, tf.div(most, tf.add(tf.slice(seen, 0, 1), 1e-6))));
  const scaled = [...gradients].map(([key, gradient]) => [key, tf.mul(gradient, factor)] as const);
  factor.dispose();
  return new Map(scaled);
}

export interface CapturedStep {
  take(batches: readonly BatchTensors[], numbers: tf.Tensor): StepTensors;
  dispose(): void;
}

/** `wholeStep`, {@link recorded}, with all batches of a step. */
export function capturedStep(
  step: Stepped & Pick<Objective, "loss">,
  captureStep: CaptureStep,
  variables: readonly tf.Variable[],
): CapturedStep {
  const { model, loss, adam, ema } = step;
  const compute = (inputs: tf.Tensor[]) => {
    const batches = Array.from({ length: (inputs.length - 1) / 2 }, (_, i) => ({
      images: inputs[2 * i + 1] as tf.Tensor4D,
      labels: inputs[2 * i + 2] as tf.Tensor2D,
      loss,
    }));
    const { seen, logits, gradients } = wholeStep(step, batches, inputs[0]!);
    return { tensors: [seen, ...logits, ...gradients.values()], layout: [...gradients.keys()] };
  };
  const averages = ema?.averages.values() ?? [];
  const recording = recorded(compute, captureStep, {
    variables: [...variables, ...adam.variables(), ...averages],
  });
  return {
    take(batches, numbers) {
      const { trainedBatches } = model;
      const inputs = [numbers, ...batches.flatMap(({ images, labels }) => [images, labels])];
      const {
        tensors: [seen, ...rest],
        layout,
      } = recording.run(inputs);
      if (trainedBatches !== undefined) model.trainedBatches = trainedBatches + batches.length;
      const gradients = rest.slice(batches.length);
      return {
        seen: seen!,
        logits: rest.slice(0, batches.length) as tf.Tensor2D[],
        gradients: new Map(layout.map((key, i) => [key, gradients[i]!])),
      };
    },
    dispose: recording.dispose,
  };
}
