import * as tf from "@tensorflow/tfjs-core";
import { watchGradients } from "../distributed/watch-gradients.js";
import type { TrainableModel } from "../model.js";

/** What a batch is differentiated with. */
export interface Objective {
  model: TrainableModel;
  loss: (logits: tf.Tensor2D, labels: tf.Tensor2D) => tf.Scalar;
}

export interface Differentiated {
  loss: tf.Scalar;
  /** In training mode. */
  logits: tf.Tensor2D;
  /** By key, of every parameter that the loss depends on; none where `onGradient` has received them. */
  gradients: Map<string, tf.Tensor>;
}

/**
 * Loss, logits and gradients of one batch: images [batch, height, width, 3], labels [batch, classes]. The caller owns all of them.
 *
 * @param onGradient receives the gradients, and owns them, one by one while the backward pass goes on
 */
export function differentiate(
  { model, loss }: Objective,
  images: tf.Tensor4D,
  labels: tf.Tensor2D,
  onGradient?: (key: string, gradient: tf.Tensor) => void,
): Differentiated {
  const received = new Set<string>();
  const receive = (key: string, gradient: tf.Tensor): void => {
    received.add(key);
    onGradient!(key, gradient);
  };
  const parameters = [...model.parameters()];
  let logits: tf.Tensor2D | undefined;
  try {
    const { value, grads } = tf.variableGrads(
      () => {
        logits = tf.keep(model.forward(images, { training: true }));
        const value = loss(logits, labels);
        if (onGradient) watchGradients(value, model.parameters(), receive);
        return value;
      },
      parameters.map(([, variable]) => variable),
    );
    const gradients = new Map<string, tf.Tensor>();
    for (const [key, variable] of parameters) {
      const gradient = grads[variable.name];
      if (received.has(key)) gradient?.dispose();
      else if (gradient) gradients.set(key, gradient);
    }
    return { loss: value, logits: logits!, gradients };
  } catch (error) {
    logits?.dispose();
    throw error;
  }
}
