import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";

/** Images that were normalised leave [0, 1] by a little; ones that were not divided by 255 go far. */
const highest = 16;

/**
 * A check of the first images that a model is given: whether they were divided by 255. One number is read back from the
 * device, once in a model's life. Where a step is recorded (CUDA graphs) that is in the run before the recording.
 */
export function firstRangeCheck(): (images: tf.Tensor4D) => void {
  let looked = false;
  return (images) => {
    if (looked) return;
    looked = true;
    const found = largestOf(images);
    if (found > highest)
      throw new CslError(
        "invalid-argument",
        `tresnet: expected images in [0, 1], got values up to ${found}. Divide 8-bit images by 255.`,
      );
  };
}

/** On a backend that gives numbers back only later (WebGPU) nothing is known. */
function largestOf(images: tf.Tensor4D): number {
  const largest = tf.tidy(() => tf.keep(tf.max(images)));
  try {
    return largest.dataSync()[0]!;
  } catch {
    return 0;
  } finally {
    largest.dispose();
  }
}
