import { createTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";
import type { Model } from "../models/load-models.js";

/** A model on the engine that runs. */
export interface Network {
  /** A logit per class for each image. */
  logits(images: readonly Uint8Array[]): Promise<Float32Array[]>;
  /** The body's map, averaged over its places: what a head is given. */
  features(images: readonly Uint8Array[]): Promise<Float32Array[]>;
  dispose(): void;
}

/** Puts a model's weights on the engine, with norms folded into the convolutions. */
export function buildNetwork({ architecture, state, side }: Model): Network {
  const model = createTResNet(architecture);
  model.loadStateDict(state);
  const folded = model.foldBatchNorm();
  model.dispose();
  const rows = async (
    images: readonly Uint8Array[],
    compute: (batch: tf.Tensor4D) => tf.Tensor,
  ): Promise<Float32Array[]> => {
    const output = tf.tidy(() => compute(toBatch(images, side)));
    const numbers = await output.data<"float32">();
    output.dispose();
    const width = numbers.length / images.length;
    return images.map((_, i) => numbers.slice(i * width, (i + 1) * width));
  };
  return {
    logits: (images) => rows(images, (batch) => folded.forward(batch)),
    features: (images) => rows(images, (batch) => tf.mean(folded.features(batch), [1, 2])),
    dispose: () => folded.dispose(),
  };
}

/** [images, side, side, 3] in [0, 1]. */
function toBatch(images: readonly Uint8Array[], side: number): tf.Tensor4D {
  const length = side * side * 3;
  const values = new Float32Array(images.length * length);
  for (const [i, pixels] of images.entries())
    for (let j = 0; j < length; j++) values[i * length + j] = pixels[j]! / 255;
  return tf.tensor4d(values, [images.length, side, side, 3]);
}
