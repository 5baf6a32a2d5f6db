import { checkChoice } from "./check-choice.js";
import {
  type AveragePrecisionOptions,
  averagePrecisionBounds,
  checkAveragePrecisionOptions,
  classAveragePrecision,
} from "./class-average-precision.js";
import { type ClassKeys, collectAnnotated, collectPositives, emptyClassKeys } from "./class-keys.js";
import type { ClassMetrics, SkipReason } from "./class-metrics.js";
import { type EmptyClass, emptyClassRules } from "./empty-class.js";
import { type LabelMatrix, toLabelMatrix } from "./label-matrix.js";
import { LabelState } from "./label-state.js";
import { isLeftOut, reasonOf } from "./left-out.js";
import { chanceLevel, type MeanAveragePrecision, meanAveragePrecision } from "./mean-average-precision.js";
import type { NumberArray } from "./number-array.js";
import { createWorkspace, type Workspace } from "./precision-points.js";
import { addSampleAveragePrecisions, emptySampleSum, type SampleSum } from "./sample-average-precision.js";

export type EvaluateOptions = AveragePrecisionOptions & {
  /**
   * What a class without an annotated positive or without an annotated negative counts: `skip` (default, the
   * reference's AP_partial) leaves it out of every mean; `zero` (the reference's plain mAP, torchmetrics) averages
   * over all classes, with AP 0 where there is no positive. `emptyClassRules` lists all of them.
   */
  emptyClass?: EmptyClass;
  /** Leave out classes with fewer annotated positives than this: their AP is noise. Default 0. */
  minPositives?: number;
  /** Whether a class (by index) may count at all; OpenImages: the trainable ones. Default: every class. */
  counts?: (classIndex: number) => boolean;
  /** `skip` (default) leaves un-annotated entries out; `negative` scores them as negatives (the usual mistake). */
  unannotated?: "skip" | "negative";
  /** Also the AP of all annotated entries of all classes in one ranking. Default false: it costs one more pass. */
  micro?: boolean;
  /** Also the mean over samples of the AP of the sample's own ranking of classes. Default false. */
  samples?: boolean;
};

export type EvaluateInput = EvaluateOptions & {
  /** [rows * numClasses] row-major; logits or probabilities. Float32Array is the fast form. */
  scores: NumberArray;
  /** [rows * numClasses] 1, 0 or -1. Int8Array is the fast form. */
  labels: NumberArray;
  numClasses: number;
};

/** All numbers are fractions in [0, 1], not percent. */
export type Evaluation = MeanAveragePrecision & {
  /** AP over all annotated entries in one ranking; null unless asked for. */
  micro: number | null;
  /** Mean AP over samples with a positive and a negative (`zero`: over all); null unless asked for, or if none has both. */
  samples: number | null;
  /** The mAP of random scores. */
  chance: { mapC: number; mapO: number };
  numSamples: number;
  numClasses: number;
  /** Number of classes that lack something, by what they lack. */
  skipped: Record<SkipReason, number>;
  /** The same classes by index. */
  skippedClasses: Record<SkipReason, number[]>;
  entries: { positives: number; negatives: number; unannotated: number };
  perClass: ClassMetrics[];
};

/** Columns handled at a time: sixteen float32 fill a cache line. */
const BLOCK = 16;

/**
 * mAP and its relatives over the annotated entries of a score matrix.
 *
 * mapC is mAP(C), the mean over classes; mapO is mAP(O), weighted by positives (the paper's two numbers; the
 * reference calls them `map` and `map_macro`).
 *
 * @throws RangeError on NaN scores, labels outside {1, 0, -1}, mismatching lengths, or when no class is valid.
 * @see helper_functions.py `AP_partial` and `mAP` of the reference; scikit-learn for ties, micro and samples.
 */
export function evaluate({ scores, labels, numClasses, ...options }: EvaluateInput): Evaluation {
  checkEvaluateOptions("evaluate", options);
  const matrix = applyUnannotated(toLabelMatrix("evaluate", scores, labels, numClasses), options);
  const workspace = createWorkspace();
  const classes = Array.from({ length: numClasses }, () => emptyClassKeys());
  const unannotated = collectPositives(matrix, classes);
  const buffers = Array.from({ length: Math.min(BLOCK, numClasses) }, () => new Int32Array(matrix.rows + 1));
  const perClass: ClassMetrics[] = [];
  for (let from = 0; from < numClasses; from += BLOCK) {
    const to = Math.min(from + BLOCK, numClasses);
    const block = classes.slice(from, to).map((keys, i) => ({ ...keys, annotated: buffers[i]! }));
    collectAnnotated(matrix, block, unannotated, { from, to });
    for (const keys of block) perClass.push(classMetrics(perClass.length, keys, workspace, options));
  }
  const micro = options.micro
    ? classAveragePrecision(asOneClass(onlyCounted(matrix, options)), workspace, options)
    : null;
  const samples = emptySampleSum();
  if (options.samples) addSampleAveragePrecisions(samples, matrix, workspace, options);
  return summarize("evaluate", { perClass, micro, samples, numSamples: matrix.rows });
}

/** The AP of one class, or the reason why it has none. */
export function classMetrics(
  index: number,
  keys: ClassKeys,
  workspace: Workspace,
  options: EvaluateOptions,
): ClassMetrics {
  const positives = keys.numPositives;
  const negatives = keys.numAnnotated - positives + (keys.assumedNegatives?.length ?? 0);
  const skipped = reasonOf(index, positives, negatives, options);
  if (isLeftOut(skipped, options)) return { index, ap: null, positives, negatives, skipped };
  const { low, high } = averagePrecisionBounds(keys, workspace, options);
  const uncertainty = (high - low) / 2;
  const ap = (low + high) / 2;
  return { index, ap, positives, negatives, skipped, ...(uncertainty > 0 && { uncertainty }) };
}

/** From the classes' metrics to the result. */
export function summarize(
  speaker: string,
  parts: { perClass: ClassMetrics[]; micro: number | null; samples: SampleSum; numSamples: number },
): Evaluation {
  const { perClass, micro, samples, numSamples } = parts;
  const skippedClasses: Record<SkipReason, number[]> = {
    noLabels: [],
    noPositives: [],
    noNegatives: [],
    fewPositives: [],
    notCounted: [],
  };
  let positives = 0;
  let negatives = 0;
  for (const metrics of perClass) {
    if (metrics.skipped !== null) skippedClasses[metrics.skipped].push(metrics.index);
    positives += metrics.positives;
    negatives += metrics.negatives;
  }
  const skipped = {
    noLabels: skippedClasses.noLabels.length,
    noPositives: skippedClasses.noPositives.length,
    noNegatives: skippedClasses.noNegatives.length,
    fewPositives: skippedClasses.fewPositives.length,
    notCounted: skippedClasses.notCounted.length,
  };
  const means = meanAveragePrecision(perClass);
  const chance = chanceLevel(perClass);
  if (means === null || chance === null) {
    throw new RangeError(
      `${speaker}: expected at least one class with an annotated positive and an annotated negative, got none of ${perClass.length} ` +
        `(${skipped.noLabels} without labels, ${skipped.noPositives} without positives, ${skipped.noNegatives} without negatives, ` +
        `${skipped.fewPositives} with too few positives, ${skipped.notCounted} not to be counted). ` +
        `Evaluate more samples, or pass emptyClass: "zero".`,
    );
  }
  return {
    ...means,
    micro,
    samples: samples.count === 0 ? null : samples.sum / samples.count,
    chance: { mapC: chance.mapC, mapO: chance.mapO },
    numSamples,
    numClasses: perClass.length,
    skipped,
    skippedClasses,
    entries: { positives, negatives, unannotated: numSamples * perClass.length - positives - negatives },
    perClass,
  };
}

export function checkEvaluateOptions(speaker: string, options: EvaluateOptions): void {
  checkAveragePrecisionOptions(speaker, options);
  checkChoice(speaker, "emptyClass", options.emptyClass ?? "skip", Object.keys(emptyClassRules));
  checkChoice(speaker, "unannotated", options.unannotated ?? "skip", ["skip", "negative"]);
}

export function applyUnannotated(
  matrix: LabelMatrix,
  { unannotated = "skip" }: EvaluateOptions,
): LabelMatrix {
  if (unannotated === "skip") return matrix;
  const labels = matrix.labels.map((label) =>
    label === LabelState.Unannotated ? LabelState.Negative : label,
  );
  return { ...matrix, labels };
}

/** Classes that may not count as if nobody had annotated them. */
function onlyCounted(matrix: LabelMatrix, { counts }: EvaluateOptions): LabelMatrix {
  if (!counts) return matrix;
  const counted = Array.from({ length: matrix.numClasses }, (_, index) => counts(index));
  const labels = matrix.labels.map((label, i) =>
    counted[i % matrix.numClasses] ? label : LabelState.Unannotated,
  );
  return { ...matrix, labels };
}

function asOneClass(matrix: LabelMatrix): ClassKeys {
  const keys = emptyClassKeys(matrix.labels.length + 1);
  const column = { ...matrix, numClasses: 1, rows: matrix.labels.length };
  collectAnnotated(column, [keys], collectPositives(column, [keys]));
  return keys;
}
