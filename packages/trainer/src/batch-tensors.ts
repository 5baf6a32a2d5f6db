import * as tf from "@tensorflow/tfjs-core";
import type { Batch, ImagesOnly } from "./task.js";

/** byte / 255 in float32, as ToTensor of the reference. In host memory one pass here is cheaper than cast and division. */
const scaled = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * The images of a batch in [0, 1], [size, height, width, 3].
 *
 * @throws when there are not exactly size · height · width · 3 numbers.
 */
export function imageTensor({ images, size, height, width }: ImagesOnly): tf.Tensor4D {
  const expected = size * height * width * 3;
  if (!(size > 0) || images.length !== expected)
    throw new Error(
      `batch: expected ${size} × ${height} × ${width} × 3 = ${expected} image values, got ${images.length}. Are the images RGB?`,
    );
  if (images instanceof Float32Array) return tf.tensor4d(images, [size, height, width, 3]);
  if ((tf.backend() as { takesBytes?: boolean }).takesBytes)
    return scaledThere(images, [size, height, width, 3]);
  const values = new Float32Array(images.length);
  for (let i = 0; i < values.length; i++) values[i] = scaled[images[i]!]!;
  return tf.tensor4d(values, [size, height, width, 3]);
}

/** A device apart takes a quarter of the bytes on the way, and the quotient is the same there. */
function scaledThere(bytes: Uint8Array, shape: [number, number, number, number]): tf.Tensor4D {
  return tf.tidy(() => {
    // tf.tensor would make four bytes of each one first.
    const tensor = tf.engine().makeTensor(bytes, shape, "int32");
    return tf.div(tf.cast(tensor, "float32"), 255) as tf.Tensor4D;
  });
}

/**
 * Images and labels of a batch; labels as float32 [size, classes]. The caller owns both.
 *
 * @throws for a wrong number of values, or a label that is not 1, 0 or -1.
 */
export function batchTensors(batch: Batch, numClasses: number): { images: tf.Tensor4D; labels: tf.Tensor2D } {
  const { labels, size } = batch;
  if (labels.length !== size * numClasses)
    throw new Error(
      `batch: expected ${size} × ${numClasses} labels, got ${labels.length}. Is the class list the model's?`,
    );
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label !== 0 && label !== 1 && label !== -1)
      throw new Error(
        `batch: expected labels 1, 0 or -1, got ${label} in row ${Math.floor(i / numClasses)}, class ${i % numClasses}.`,
      );
  }
  const images = imageTensor(batch);
  return { images, labels: tf.tensor2d(Float32Array.from(labels), [size, numClasses]) };
}
