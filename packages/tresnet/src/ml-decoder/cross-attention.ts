import * as tf from "@tensorflow/tfjs-core";
import { linear } from "../kernels/linear.js";
import { attentionHeads } from "./decoder-sizes.js";
import type { Dropout } from "./dropout.js";

/**
 * Multi-head attention of queries to the tokens of their image, as PyTorch's MultiheadAttention.
 *
 * @param queries [images · queries, width], or [queries, width] that are the same for every image
 * @param memory [images · tokens, width]
 * @param weights `inProjection` [width, 3 · width] and its bias make queries, keys and values
 * @returns [images · queries, width]
 */
export function crossAttention(
  queries: tf.Tensor2D,
  memory: tf.Tensor2D,
  {
    images,
    shared,
    tensor,
    dropout,
  }: { images: number; shared: boolean; tensor: (name: string) => tf.Tensor; dropout: Dropout },
): tf.Tensor2D {
  const width = queries.shape[1];
  const inWeight = tensor("in_proj_weight") as tf.Tensor2D;
  const inBias = tensor("in_proj_bias") as tf.Tensor1D;
  const project = (x: tf.Tensor2D, part: number, rows: number): tf.Tensor4D => {
    const weight = tf.slice(inWeight, [0, part * width], [width, width]);
    const bias = tf.slice(inBias, [part * width], [width]);
    return toHeads(linear(x, weight, bias), rows);
  };
  const depth = width / attentionHeads;
  const projected = tf.mul(project(queries, 0, shared ? 1 : images), 1 / Math.sqrt(depth));
  const q = shared ? tf.add(projected, tf.zeros([images, 1, 1, 1])) : projected;
  const scores = tf.matMul(q, project(memory, 1, images), false, true);
  const attention = dropout(tf.softmax(scores));
  const attended = tf.matMul(attention, project(memory, 2, images)) as tf.Tensor4D;
  const joined = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [-1, width]) as tf.Tensor2D;
  return linear(joined, tensor("out_proj.weight") as tf.Tensor2D, tensor("out_proj.bias") as tf.Tensor1D);
}

/** [images · rows, width] -> [images, heads, rows, width / heads] */
function toHeads(x: tf.Tensor2D, images: number): tf.Tensor4D {
  const [rows, width] = x.shape;
  const split = tf.reshape(x, [images, rows / images, attentionHeads, width / attentionHeads]);
  return tf.transpose(split, [0, 2, 1, 3]) as tf.Tensor4D;
}
