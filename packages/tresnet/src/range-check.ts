import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";

/** Images that were normalised leave [0, 1] by a little; ones that were not divided by 255 go far. */
const highest = 16;

/**
 * A check of the first images that a model is given: whether they were divided by 255. One number is read back from the
 * device, once in a model's life. Where a step is recorded (CUDA graphs) that is in the run before the recording. WebGPU gives
 * numbers back only later: there the next call after the answer throws.
 */
export function firstRangeCheck(): (images: tf.Tensor4D) => void {
  let looked = false;
  let found = 0;
  return (images) => {
    if (!looked) {
      looked = true;
      const largest = tf.tidy(() => tf.keep(tf.max(images)));
      if (tf.getBackend() === "webgpu")
        void largest
          .data()
          .then(
            ([value]) => (found = value!),
            () => {}, // a device that fails says so where a result is read
          )
          .finally(() => largest.dispose());
      else {
        found = largest.dataSync()[0]!;
        largest.dispose();
      }
    }
    if (!(found > highest)) return;
    const largest = found;
    found = 0; // said once
    throw new CslError(
      "invalid-argument",
      `tresnet: expected images in [0, 1], got values up to ${largest}. Divide 8-bit images by 255.`,
    );
  };
}
