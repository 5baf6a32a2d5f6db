import * as tf from "@tensorflow/tfjs-core";
import type { TrainableModel } from "./model.js";

/** What a batch is differentiated with. */
export interface Objective {
  model: TrainableModel;
  loss: (logits: tf.Tensor2D, labels: tf.Tensor2D) => tf.Scalar;
}

export interface Differentiated {
  loss: tf.Scalar;
  /** In training mode. */
  logits: tf.Tensor2D;
  /** By key, of every parameter that the loss depends on. */
  gradients: Map<string, tf.Tensor>;
}

/** Loss, logits and gradients of one batch: images [batch, height, width, 3], labels [batch, classes]. The caller owns all of them. */
export function differentiate(
  { model, loss }: Objective,
  images: tf.Tensor4D,
  labels: tf.Tensor2D,
): Differentiated {
  const parameters = [...model.parameters()];
  let logits: tf.Tensor2D | undefined;
  try {
    const { value, grads } = tf.variableGrads(
      () => {
        logits = tf.keep(model.forward(images, { training: true }));
        return loss(logits, labels);
      },
      parameters.map(([, variable]) => variable),
    );
    const gradients = new Map<string, tf.Tensor>();
    for (const [key, variable] of parameters) {
      const gradient = grads[variable.name];
      if (gradient) gradients.set(key, gradient);
    }
    return { loss: value, logits: logits!, gradients };
  } catch (error) {
    logits?.dispose();
    throw error;
  }
}
