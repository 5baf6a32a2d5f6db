import { checkOptions } from "@csl/internal/errors/check-options";
import { checkChoice } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import { Label } from "@csl/internal/labels/label";
import { type ClassKeys, collectAnnotated, collectPositives, emptyClassKeys } from "../scores/class-keys.js";
import { type LabelMatrix, type NumberArray, toLabelMatrix } from "../scores/label-matrix.js";
import {
  type AveragePrecisionOptions,
  checkConventions,
  classAveragePrecision,
} from "./average-precision.js";
import {
  type ClassMetrics,
  type ClassSelection,
  classMetrics,
  emptyClassRules,
  missingLabels,
} from "./class-metrics.js";
import { type Evaluation, type SampleSum, summarize } from "./evaluation.js";
import { createWorkspace, type Workspace } from "./precision-points.js";

export type EvaluateOptions = AveragePrecisionOptions &
  ClassSelection & {
    /** `skip` (default) leaves un-annotated entries out; `negative` scores them as negatives (the usual mistake). */
    unannotated?: "skip" | "negative";
    /** Also the AP of all annotated entries of all classes in one ranking. Default false: it costs one more pass. */
    micro?: boolean;
    /** Also the mean over samples of the AP of the sample's own ranking of classes. Default false. */
    samples?: boolean;
  };

/** The options that MetricAccumulator.compute takes, too. */
export const computeOptionNames = {
  ties: true,
  interpolation: true,
  emptyClass: true,
  minPositives: true,
  counts: true,
  unannotated: true,
  micro: true,
} as const;

type EvaluateInput = EvaluateOptions & {
  /** [rows * numClasses] row-major; logits or probabilities. Float32Array is the fast form. */
  scores: NumberArray;
  /** [rows * numClasses] 1, 0 or -1. Int8Array is the fast form. */
  labels: NumberArray;
  numClasses: number;
};

/** Columns handled at a time: sixteen float32 fill a cache line. */
const BLOCK = 16;

/**
 * mAP and its relatives over the annotated entries of a score matrix.
 *
 * mapC is mAP(C), the mean over classes; mapO is mAP(O), weighted by positives (the paper's two numbers; the
 * reference calls them `map` and `map_macro`).
 *
 * @throws CslError `invalid-argument` on NaN scores, labels outside {1, 0, -1}, mismatching lengths, or when no class is
 *   valid; `unknown-option`.
 * @see helper_functions.py `AP_partial` and `mAP` of the reference; scikit-learn for ties, micro and samples.
 */
export function evaluate(input: EvaluateInput): Evaluation {
  const speaker = "evaluate";
  checkOptions(speaker, input, {
    scores: true,
    labels: true,
    numClasses: true,
    samples: true,
    ...computeOptionNames,
  });
  checkEvaluateOptions(speaker, input);
  const { scores, labels, numClasses, ...options } = input;
  const matrix = applyUnannotated(toLabelMatrix(speaker, scores, labels, numClasses), options);
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
  const samples: SampleSum = { sum: 0, count: 0 };
  if (options.samples) addSampleAveragePrecisions(samples, matrix, workspace, options);
  const result = summarize({ perClass, micro, samples, numSamples: matrix.rows });
  if (typeof result === "string") throw new CslError("invalid-argument", `${speaker}: ${result}`);
  return result;
}

/** Refuses option values that a plain JavaScript caller may have misspelt. */
export function checkEvaluateOptions(speaker: string, options: EvaluateOptions): void {
  checkConventions(speaker, options);
  checkChoice(speaker, "emptyClass", options.emptyClass ?? "skip", Object.keys(emptyClassRules));
  checkChoice(speaker, "unannotated", options.unannotated ?? "skip", ["skip", "negative"]);
}

/** With `negative`, un-annotated entries become negatives. */
export function applyUnannotated(
  matrix: LabelMatrix,
  { unannotated = "skip" }: EvaluateOptions,
): LabelMatrix {
  if (unannotated === "skip") return matrix;
  const labels = matrix.labels.map((label) => (label === Label.Unannotated ? Label.Negative : label));
  return { ...matrix, labels };
}

/** Classes that may not count become un-annotated. */
function onlyCounted(matrix: LabelMatrix, { counts }: EvaluateOptions): LabelMatrix {
  if (!counts) return matrix;
  const counted = Array.from({ length: matrix.numClasses }, (_, index) => counts(index));
  const labels = matrix.labels.map((label, i) =>
    counted[i % matrix.numClasses] ? label : Label.Unannotated,
  );
  return { ...matrix, labels };
}

function asOneClass(matrix: LabelMatrix): ClassKeys {
  const keys = emptyClassKeys(matrix.labels.length + 1);
  const column = { ...matrix, numClasses: 1, rows: matrix.labels.length };
  collectAnnotated(column, [keys], collectPositives(column, [keys]));
  return keys;
}

/** Adds the AP of every row's own ranking of its annotated classes (scikit-learn's `average="samples"`). */
export function addSampleAveragePrecisions(
  total: SampleSum,
  matrix: LabelMatrix,
  workspace: Workspace,
  options: EvaluateOptions,
): void {
  const { numClasses, rows } = matrix;
  const buffer = new Int32Array(numClasses + 1);
  for (let row = 0; row < rows; row++) {
    const start = row * numClasses;
    const column = {
      speaker: matrix.speaker,
      bits: matrix.bits.subarray(start, start + numClasses),
      labels: matrix.labels.subarray(start, start + numClasses),
      numClasses: 1,
      rows: numClasses,
    };
    const keys = { ...emptyClassKeys(), annotated: buffer };
    collectAnnotated(column, [keys], collectPositives(column, [keys]));
    const missing = missingLabels(keys.numPositives, keys.numAnnotated - keys.numPositives);
    if (missing !== null && options.emptyClass !== "zero") continue;
    total.sum += classAveragePrecision(keys, workspace, options);
    total.count++;
  }
}
