import * as tf from "@tensorflow/tfjs-core";

const epsilon = 1e-5;

/** Normalises each row of x [rows, width] to mean 0 and variance 1, then · weight + bias, as PyTorch's LayerNorm. */
export function layerNorm(x: tf.Tensor2D, weight: tf.Tensor1D, bias: tf.Tensor1D): tf.Tensor2D {
  const apply = tf.customGrad((...args) => {
    const [input, gamma, beta, save] = args as unknown as [
      tf.Tensor2D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const centred = tf.sub(input, tf.mean(input, 1, true));
    const rstd = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon));
    const normalised = tf.mul(centred, rstd) as tf.Tensor2D;
    save([normalised, rstd, gamma]);
    return { value: tf.add(tf.mul(normalised, gamma), beta), gradFunc: gradients };
  });
  return apply(x, weight, bias) as tf.Tensor2D;
}

function gradients(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
  const [normalised, rstd, gamma] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
  const g = tf.mul(dy, gamma);
  const along = tf.mean(tf.mul(g, normalised), 1, true);
  const dx = tf.mul(rstd, tf.sub(tf.sub(g, tf.mean(g, 1, true)), tf.mul(normalised, along)));
  return [dx, sumOfRows(tf.mul(dy, normalised)), sumOfRows(dy)];
}

/** [rows, width] -> [width], as a product: on wasm a sum over rows is a loop on one thread. */
function sumOfRows(x: tf.Tensor): tf.Tensor {
  const [rows = 0, width = 0] = x.shape;
  return tf.reshape(tf.matMul(tf.ones([1, rows]), x as tf.Tensor2D), [width]);
}
