import { CslNorm } from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { registerHostKernels } from "./host-kernels.js";

/** Above it the square of a float32 number is infinite, and so is Adam's second moment. */
export const largestNorm = 1.8e19;

/**
 * √Σx² over all numbers of all tensors, as a scalar that the caller owns: one number that tells whether any of them is
 * not finite, by the backend's "CslNorm" kernel where there is one, composed of TensorFlow.js ops elsewhere.
 */
export function norm(tensors: readonly tf.Tensor[]): tf.Scalar {
  if (tensors.length === 0) return tf.scalar(0);
  registerHostKernels(tf.getBackend());
  if (tf.getKernel(CslNorm, tf.getBackend()))
    return tf.engine().runKernel(CslNorm, [...tensors] as unknown as tf.NamedTensorMap) as tf.Scalar;
  return tf.tidy(() => tf.sqrt(tf.addN(tensors.map((tensor) => tf.sum(tf.square(tensor))))) as tf.Scalar);
}
