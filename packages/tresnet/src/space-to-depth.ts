import * as tf from "@tensorflow/tfjs-core";

/** Side of the squares that become channels. */
const side = 4;

/**
 * [batch, h, w, 3] -> [batch, h/4, w/4, 48]; output channel (dy·4 + dx)·3 + c, as the reference permutes.
 * Height and width must be multiples of 4.
 */
export function spaceToDepth(images: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  const rows = height / side;
  const columns = width / side;
  // Within one image row, four pixels of one square already lie together as (dx, c).
  const run = side * channels;
  const squares = tf.transpose(tf.reshape(images, [batch, rows, side, columns, run]), [0, 1, 3, 2, 4]);
  return tf.reshape(squares, [batch, rows, columns, side * run]);
}
