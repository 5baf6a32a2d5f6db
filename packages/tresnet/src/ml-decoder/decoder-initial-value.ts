import type { Random } from "@csl/internal/random/mulberry32";
import { fillNormal, fillUniform } from "../random-fill.js";
import { classEmbeddingsKey } from "./decoder-shapes.js";

/** Whether a tensor is of an ML-Decoder head. */
export function isDecoderKey(key: string): boolean {
  return key.startsWith("head.decoder.") || key.startsWith("head.wordvec_proj.");
}

/**
 * The reference's initial value of a tensor: PyTorch's defaults of Linear, MultiheadAttention and LayerNorm, normal
 * queries, and Xavier's normal distribution for the group layer. Class embeddings are zeros until they are loaded.
 */
export function decoderInitialValue(
  key: string,
  shape: readonly number[],
  shapes: ReadonlyMap<string, number[]>,
  random: Random,
): Float32Array {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const [out = 1, inputs = 1, ...rest] = shape;
  if (key === classEmbeddingsKey) return values;
  if (key.endsWith("query_embed.weight")) return fillNormal(values, 1, random);
  if (key.endsWith("duplicate_pooling")) {
    const field = rest.reduce((a, b) => a * b, 1);
    return fillNormal(values, Math.sqrt(2 / (field * (inputs + out))), random);
  }
  if (key.endsWith("in_proj_weight")) return fillUniform(values, Math.sqrt(6 / (inputs + out)), random);
  if (/norm\d\.weight$/.test(key)) return values.fill(1);
  if (/(norm\d\.bias|_bias|out_proj\.bias)$/.test(key)) return values;
  const fanIn = shapes.get(key.replace(/bias$/, "weight"))![1]!;
  return fillUniform(values, 1 / Math.sqrt(fanIn), random);
}
