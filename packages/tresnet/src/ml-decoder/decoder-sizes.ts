import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";

/** What can be chosen of an ML-Decoder head (arXiv 2111.12933); plain JSON. */
export interface DecoderOptions {
  /** Width of queries and tokens, a multiple of 8 (the heads of the attention). Default 768. */
  embedding?: number;
  /** Queries, each of which scores ⌈classes / groups⌉ classes. Default 100; never more than classes. */
  groups?: number;
  /**
   * Width of the embedding of a class, e.g. 300 of word vectors: each class is a query, made from its embedding by a
   * learned layer, so classes without training labels can be scored as well. Instead of `groups`.
   */
  classEmbedding?: number;
}

/** An ML-Decoder head with everything decided. */
export interface DecoderSizes {
  readonly embedding: number;
  readonly groups: number;
  /** Classes of each query, the last one's included that are cut off. */
  readonly perGroup: number;
  readonly classEmbedding?: number;
}

/** Fixed in the reference, and in all of its files. */
export const attentionHeads = 8;
export const feedForward = 2048;
export const dropoutRate = 0.1;
const defaultGroups = 100;
const defaultEmbedding = 768;

/** @throws CslError `unknown-option` */
export function checkDecoderOptions(options: DecoderOptions = {}): void {
  checkOptions("createTResNet: decoder", options, { embedding: true, groups: true, classEmbedding: true });
}

/** @throws CslError `invalid-argument` for sizes that no head has; `unknown-option` */
export function decoderSizes(numClasses: number, options: DecoderOptions = {}): DecoderSizes {
  checkDecoderOptions(options);
  const { embedding = defaultEmbedding, groups, classEmbedding } = options;
  requireWhole("embedding", embedding, attentionHeads, `a multiple of ${attentionHeads}`);
  if (groups !== undefined) requireWhole("groups", groups, 1);
  if (classEmbedding === undefined) {
    const queries = Math.min(groups ?? defaultGroups, numClasses);
    return { embedding, groups: queries, perGroup: Math.ceil(numClasses / queries) };
  }
  requireWhole("classEmbedding", classEmbedding, 1);
  if (groups !== undefined)
    throw new CslError(
      "invalid-argument",
      `createTResNet: expected either decoder.groups or decoder.classEmbedding, got both (${groups}, ${classEmbedding}). ` +
        "With embeddings each class is a query of its own.",
    );
  return { embedding, groups: numClasses, perGroup: 1, classEmbedding };
}

/** The options from which the same sizes come, with nothing left to defaults. */
export function decoderOptions({ embedding, groups, classEmbedding }: DecoderSizes): DecoderOptions {
  return classEmbedding === undefined ? { embedding, groups } : { embedding, classEmbedding };
}

function requireWhole(
  name: string,
  value: number,
  step: number,
  what = "a whole number of at least 1",
): void {
  if (Number.isSafeInteger(value) && value >= step && value % step === 0) return;
  throw new CslError(
    "invalid-argument",
    `createTResNet: expected decoder.${name} to be ${what}, got ${JSON.stringify(value)}.`,
  );
}
