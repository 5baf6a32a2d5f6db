import { type DecoderSizes, feedForward } from "./decoder-sizes.js";

/** The one layer of the decoder. */
export const decoderLayer = "head.decoder.layers.0";

/** The matrix of class embeddings [classes, width] of a head that takes them; no parameter. */
export const classEmbeddingsKey = "head.decoder.query_embed";

/** Key and PyTorch shape of an ML-Decoder head's tensors, in the order of the reference's state-dict. */
export function* decoderShapes(
  features: number,
  numClasses: number,
  { embedding, groups, perGroup, classEmbedding }: DecoderSizes,
): Generator<[string, number[]]> {
  const byEmbeddings = classEmbedding !== undefined;
  yield ["head.decoder.duplicate_pooling", byEmbeddings ? [embedding, 1] : [groups, embedding, perGroup]];
  yield ["head.decoder.duplicate_pooling_bias", [byEmbeddings ? 1 : numClasses]];
  if (byEmbeddings) yield [classEmbeddingsKey, [numClasses, classEmbedding]];
  yield* vectors(`${decoderLayer}.norm1`, embedding);
  yield [`${decoderLayer}.multihead_attn.in_proj_weight`, [3 * embedding, embedding]];
  yield [`${decoderLayer}.multihead_attn.in_proj_bias`, [3 * embedding]];
  yield* linearShapes(`${decoderLayer}.multihead_attn.out_proj`, embedding, embedding);
  yield* linearShapes(`${decoderLayer}.linear1`, embedding, feedForward);
  yield* linearShapes(`${decoderLayer}.linear2`, feedForward, embedding);
  yield* vectors(`${decoderLayer}.norm2`, embedding);
  yield* vectors(`${decoderLayer}.norm3`, embedding);
  yield* linearShapes("head.decoder.embed_standart", features, embedding);
  if (!byEmbeddings) yield ["head.decoder.query_embed.weight", [groups, embedding]];
  else if (hasProjection(embedding, classEmbedding))
    yield* linearShapes("head.wordvec_proj", classEmbedding, embedding);
}

/** Embeddings that are as wide as the decoder go in as they are, as in the reference. */
export function hasProjection(embedding: number, classEmbedding: number): boolean {
  return embedding !== classEmbedding;
}

function* vectors(key: string, size: number): Generator<[string, number[]]> {
  yield [`${key}.weight`, [size]];
  yield [`${key}.bias`, [size]];
}

function* linearShapes(key: string, inputs: number, outputs: number): Generator<[string, number[]]> {
  yield [`${key}.weight`, [outputs, inputs]];
  yield [`${key}.bias`, [outputs]];
}
