import * as tf from "@tensorflow/tfjs-core";

/** `x` as a constant: the same values, a gradient of 0. The caller owns the result. TensorFlow.js itself has none. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((input) => ({
    value: tf.clone(input as T),
    gradFunc: (dy: T) => tf.zerosLike(dy),
  }))(x);
}
