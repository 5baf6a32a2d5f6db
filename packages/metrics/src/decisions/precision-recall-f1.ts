import { checkOptions } from "@csl/internal/errors/check-options";
import { checkChoice, checkCount } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import { annotatedScores, type ScoreSource } from "../scores/annotated-scores.js";
import { type NumberArray, toCheckedMatrix } from "../scores/label-matrix.js";
import {
  addKeyDecisions,
  countDecisions,
  type DecisionCounts,
  emptyDecisionCounts,
  type MeanOptions,
  type PrecisionRecallF1,
  summarizeDecisions,
  type TopK,
} from "./decision-counts.js";

type PrecisionRecallF1Options = MeanOptions & {
  /** Predicted means score > threshold, strictly; one number or one per class. Default 0.5 (for probabilities). */
  threshold?: number | NumberArray;
  /** Limits the predictions of a sample; ranked among its annotated classes, ties in class order. */
  topK?: TopK;
};

type PrecisionRecallF1Input = PrecisionRecallF1Options & {
  /** [rows * numClasses] row-major. */
  scores: NumberArray;
  /** [rows * numClasses] 1, 0 or -1. */
  labels: NumberArray;
  numClasses: number;
};

const optionNames = { threshold: true, topK: true, convention: true, emptyClass: true } as const;

/**
 * CP, CR, CF1, OP, OR and OF1 of thresholded scores over the annotated entries.
 *
 * @throws CslError `invalid-argument` on NaN scores or thresholds, labels outside {1, 0, -1}, wrong lengths, or when no
 *   class is valid; `unknown-option`.
 * @see validate.py of the reference (strict >, CF1 as mean); ML-GCN for the harmonic form and top-3.
 */
export function precisionRecallF1(input: PrecisionRecallF1Input): PrecisionRecallF1 {
  const speaker = "precisionRecallF1";
  checkOptions(speaker, input, { scores: true, labels: true, numClasses: true, ...optionNames });
  const { scores, labels, numClasses, ...options } = input;
  const { threshold = 0.5, topK } = options;
  const matrix = toCheckedMatrix(speaker, scores, labels, numClasses);
  checkValues(speaker, numClasses, options);
  const counts = emptyDecisionCounts(numClasses);
  countDecisions(counts, scores, matrix.labels, { threshold, topK });
  return summarizeDecisions(speaker, counts, options);
}

/** precisionRecallF1() for data that arrives in batches; keeps four counts per class. */
export class PrecisionRecallAccumulator {
  readonly #numClasses: number;
  readonly #options: PrecisionRecallF1Options;
  readonly #counts: DecisionCounts;

  constructor(numClasses: number, options: PrecisionRecallF1Options = {}) {
    const speaker = "PrecisionRecallAccumulator";
    checkOptions(speaker, options, optionNames);
    checkCount(speaker, "numClasses", numClasses);
    checkValues(speaker, numClasses, options);
    this.#numClasses = numClasses;
    this.#options = options;
    this.#counts = emptyDecisionCounts(numClasses);
  }

  /** Adds samples. @param scores [rows * classes] row-major @param labels [rows * classes] 1, 0 or -1 */
  add(scores: NumberArray, labels: NumberArray): void {
    const matrix = toCheckedMatrix("PrecisionRecallAccumulator.add", scores, labels, this.#numClasses);
    const { threshold = 0.5, topK } = this.#options;
    countDecisions(this.#counts, scores, matrix.labels, { threshold, topK });
  }

  /** The numbers over everything added so far. @throws CslError `invalid-argument` when no class is valid. */
  compute(): PrecisionRecallF1 {
    return summarizeDecisions("PrecisionRecallAccumulator.compute", this.#counts, this.#options);
  }
}

/**
 * precisionRecallF1() of scores that an accumulator has kept, at any thresholds.
 *
 * @param threshold one for all classes or one per class; predicted means score > threshold, in float32.
 * @throws CslError as precisionRecallF1 does.
 */
export function precisionRecallF1At(
  source: ScoreSource,
  threshold: number | NumberArray,
  options: MeanOptions = {},
): PrecisionRecallF1 {
  const speaker = "precisionRecallF1At";
  checkOptions(speaker, options, { convention: true, emptyClass: true });
  const held = annotatedScores(speaker, source);
  const { numClasses } = held;
  checkValues(speaker, numClasses, { threshold, ...options });
  const counts = emptyDecisionCounts(numClasses);
  for (let index = 0; index < numClasses; index++) {
    const own = typeof threshold === "number" ? threshold : threshold[index]!;
    for (const part of held.forClass(index)) addKeyDecisions(counts, index, part, own);
  }
  return summarizeDecisions(speaker, counts, options);
}

/** Refuses options that would make the result meaningless. */
function checkValues(
  speaker: string,
  numClasses: number,
  { threshold = 0.5, topK, convention = "mean", emptyClass = "skip" }: PrecisionRecallF1Options,
): void {
  checkChoice(speaker, "convention", convention, ["harmonic", "mean"]);
  checkChoice(speaker, "emptyClass", emptyClass, ["skip", "zero"]);
  if (typeof threshold !== "number" && threshold.length !== numClasses) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected one threshold or one per class (${numClasses}), got ${threshold.length}.`,
    );
  }
  const values = typeof threshold === "number" ? [threshold] : Array.from(threshold);
  if (!values.every((value) => typeof value === "number" && !Number.isNaN(value))) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected thresholds that are numbers, got NaN. Pass e.g. 0.5.`,
    );
  }
  if (topK === undefined) return;
  checkOptions(`${speaker}: topK`, topK, { k: true, rule: true });
  checkChoice(speaker, "topK.rule", topK.rule ?? "exact", ["exact", "and-threshold"]);
  checkCount(speaker, "topK.k", topK.k);
}
