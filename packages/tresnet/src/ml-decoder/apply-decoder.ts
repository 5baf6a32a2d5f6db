import * as tf from "@tensorflow/tfjs-core";
import { linear } from "../kernels/linear.js";
import { crossAttention } from "./cross-attention.js";
import { classEmbeddingsKey, decoderLayer, hasProjection } from "./decoder-shapes.js";
import type { DecoderSizes } from "./decoder-sizes.js";
import type { Dropout } from "./dropout.js";
import { layerNorm } from "./layer-norm.js";

/**
 * ML-Decoder (arXiv 2111.12933): the places of the map are tokens, fixed queries attend to them in one decoder layer
 * without self-attention, and each query scores its group of classes.
 *
 * @param map [images, height, width, channels]
 * @param dropout in training; else none
 * @returns logits [images, classes]
 */
export function applyDecoder(
  map: tf.Tensor4D,
  { sizes, numClasses }: { sizes: DecoderSizes; numClasses: number },
  tensor: (key: string) => tf.Tensor,
  dropout?: Dropout,
): tf.Tensor2D {
  const [images, height, width, channels] = map.shape;
  const dense = (x: tf.Tensor2D, key: string): tf.Tensor2D =>
    linear(x, tensor(`${key}.weight`) as tf.Tensor2D, tensor(`${key}.bias`) as tf.Tensor1D);
  const norm = (x: tf.Tensor2D, name: string): tf.Tensor2D =>
    layerNorm(
      x,
      tensor(`${decoderLayer}.${name}.weight`) as tf.Tensor1D,
      tensor(`${decoderLayer}.${name}.bias`) as tf.Tensor1D,
    );
  const drop: Dropout = dropout ?? ((x) => x);

  const places = tf.reshape(map, [images * height * width, channels]) as tf.Tensor2D;
  const memory = tf.relu(dense(places, "head.decoder.embed_standart"));
  const given = queries(sizes, tensor, dense);
  const perImage = (x: tf.Tensor2D): tf.Tensor2D =>
    tf.reshape(tf.add(tf.expandDims(x, 0), tf.zeros([images, 1, 1])), [
      images * sizes.groups,
      sizes.embedding,
    ]);

  // Without dropout the queries are the same for every image until they attend to it.
  const shared = dropout === undefined;
  const repeated = shared ? given : perImage(given);
  const first = norm(tf.add(repeated, drop(repeated)), "norm1");
  const attended = crossAttention(first, memory, {
    ...{ images, shared, dropout: drop },
    tensor: (name) => tensor(`${decoderLayer}.multihead_attn.${name}`),
  });
  const second = norm(tf.add(shared ? perImage(first) : first, drop(attended)), "norm2");
  const hidden = drop(tf.relu(dense(second, `${decoderLayer}.linear1`)));
  const third = norm(tf.add(second, drop(dense(hidden, `${decoderLayer}.linear2`))), "norm3");
  return pool(third, { images, numClasses, sizes }, tensor);
}

/** [queries, embedding] */
function queries(
  { embedding, classEmbedding }: DecoderSizes,
  tensor: (key: string) => tf.Tensor,
  dense: (x: tf.Tensor2D, key: string) => tf.Tensor2D,
): tf.Tensor2D {
  // Variables hold matrices as [in, out].
  if (classEmbedding === undefined)
    return tf.transpose(tensor("head.decoder.query_embed.weight") as tf.Tensor2D);
  const embeddings = tf.transpose(tensor(classEmbeddingsKey) as tf.Tensor2D);
  return tf.relu(
    hasProjection(embedding, classEmbedding) ? dense(embeddings, "head.wordvec_proj") : embeddings,
  );
}

/** The group fully-connected layer: query g scores the classes from g · perGroup on. */
function pool(
  decoded: tf.Tensor2D,
  { images, numClasses, sizes }: { images: number; numClasses: number; sizes: DecoderSizes },
  tensor: (key: string) => tf.Tensor,
): tf.Tensor2D {
  const { embedding, groups, perGroup, classEmbedding } = sizes;
  const weights = tensor("head.decoder.duplicate_pooling");
  const bias = tensor("head.decoder.duplicate_pooling_bias");
  if (classEmbedding !== undefined) {
    const scores = tf.matMul(decoded, tf.reshape(weights, [embedding, 1]) as tf.Tensor2D);
    return tf.add(tf.reshape(scores, [images, numClasses]), bias) as tf.Tensor2D;
  }
  const byGroup = tf.transpose(tf.reshape(decoded, [images, groups, embedding]), [1, 0, 2]);
  const scores = tf.transpose(tf.matMul(byGroup, weights), [1, 0, 2]);
  const all = tf.reshape(scores, [images, groups * perGroup]) as tf.Tensor2D;
  return tf.add(tf.slice(all, [0, 0], [images, numClasses]), bias) as tf.Tensor2D;
}
