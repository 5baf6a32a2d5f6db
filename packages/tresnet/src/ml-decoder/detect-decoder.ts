import { classEmbeddingsKey } from "./decoder-shapes.js";
import { attentionHeads, type DecoderOptions } from "./decoder-sizes.js";

/** What the shapes of an ML-Decoder head say. */
interface FoundDecoder {
  numClasses: number;
  decoder: DecoderOptions;
}

/** Whether a state-dict has a head of this kind, whole or not. */
export function hasDecoder(shapes: ReadonlyMap<string, unknown>): boolean {
  return [...shapes.keys()].some((key) => key.startsWith("head.decoder."));
}

/** Classes and sizes of an ML-Decoder head, or in words what it is that none can be read off. */
export function detectDecoder(shapes: ReadonlyMap<string, readonly number[]>): FoundDecoder | string {
  const pooling = shapes.get("head.decoder.duplicate_pooling");
  const bias = shapes.get("head.decoder.duplicate_pooling_bias");
  if (!pooling || !bias) return "a part of an ML-Decoder head";
  const byEmbeddings = pooling.length === 2;
  const [groups = 0, embedding = 0] = byEmbeddings ? [0, ...pooling] : pooling;
  if (embedding < 1 || embedding % attentionHeads !== 0)
    return `an ML-Decoder head of width ${embedding}, no multiple of ${attentionHeads}`;
  if (!byEmbeddings) {
    const [numClasses = 0] = bias;
    return numClasses < 1 || groups < 1 || groups > numClasses
      ? `an ML-Decoder head of ${groups} queries for ${numClasses} classes`
      : { numClasses, decoder: { embedding, groups } };
  }
  const embeddings = shapes.get(classEmbeddingsKey);
  if (embeddings?.length !== 2 || embeddings.includes(0))
    return `an ML-Decoder head for class embeddings without them (${classEmbeddingsKey} [classes, width])`;
  return { numClasses: embeddings[0]!, decoder: { embedding, classEmbedding: embeddings[1]! } };
}
