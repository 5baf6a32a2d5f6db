import { type AnnotatedScores, annotatedScores, type ScoreSource, supportOf } from "./annotated-scores.js";
import type { Choice } from "./choose-by-fold.js";
import { type DecisionCounts, emptyDecisionCounts } from "./decision-counts.js";
import {
  type PrecisionRecallF1,
  type PrecisionRecallF1Options,
  summarizeDecisions,
} from "./precision-recall-f1.js";
import { addKeyDecisions } from "./precision-recall-f1-at.js";
import { classChoices, globalChoices } from "./threshold-choices.js";
import { criterionValue, fBeta, type ThresholdCriterion } from "./threshold-criterion.js";

export type ChooseThresholdsOptions = Pick<PrecisionRecallF1Options, "convention" | "emptyClass"> & {
  /** What is maximised: `fBeta(beta)` (default F1) or `recallAtPrecision(precision)`. */
  criterion?: ThresholdCriterion;
  /**
   * A class with fewer annotated positives is drawn towards the threshold that all classes share: with n of them it
   * keeps n / minPositives of the way to its own. Default 10; 0 gives every class its own.
   */
  minPositives?: number;
  /** Class ids by index, so that the result is keyed by them. */
  ids?: readonly string[];
  /** For scores given in one piece: parts for the cross-fitting, default 5. An accumulator has its own. */
  folds?: number;
};

/** One class's threshold and what it does. */
export type ClassThreshold = {
  index: number;
  id?: string;
  /** Predicted means score > threshold. */
  threshold: number;
  /** Its own optimum, drawn towards the shared one, or the shared one (a class without positives or negatives). */
  source: "own" | "shrunk" | "global";
  positives: number;
  negatives: number;
};

export type ChosenThresholds = {
  criterion: ThresholdCriterion;
  /** One float32 threshold per class, as precisionRecallF1 takes them. */
  thresholds: Float32Array;
  /** The same by class id; empty without ids. */
  byId: Record<string, number>;
  perClass: ClassThreshold[];
  /** The best single threshold for all classes. */
  global: number;
  folds: number;
  /** What the thresholds do on the entries that they were chosen on: too good to be true. */
  fitted: PrecisionRecallF1;
  /** What they will really do: the decisions on each fold by thresholds that were chosen on the others. */
  crossFitted: PrecisionRecallF1;
  /** The same for the single threshold: what thresholds per class must beat. */
  globalCrossFitted: PrecisionRecallF1;
};

/**
 * Decision thresholds per class, chosen on annotated entries: the middle between two neighbouring scores that maximises
 * the criterion. The whole choice, the shared threshold and the shrinking included, is made again without each fold of
 * samples, for an estimate on data that it has not seen.
 *
 * O(n + p log p) for n entries with p positives, times the number of folds for parts of it.
 *
 * @param source scores (logits or probabilities) and labels, or a `MetricAccumulator` made with `folds`.
 * @throws RangeError on invalid scores or labels, fewer samples than folds, ids that do not fit, or when no class has
 *   both an annotated positive and an annotated negative.
 */
export function chooseThresholds(
  source: ScoreSource,
  options: ChooseThresholdsOptions = {},
): ChosenThresholds {
  const { criterion = fBeta(), minPositives = 10, ids } = options;
  const value = criterionValue(criterion);
  const held = annotatedScores("chooseThresholds", source, options.folds ?? 5);
  check(held, options);
  const { numClasses, folds } = held;
  const choices = globalChoices(held, value);
  const global = choices[folds]!.threshold ?? 0; // every positive at -Infinity; without one, summary() refuses below
  const shared = choices.map(({ threshold = global }) => threshold);
  const thresholds = new Float32Array(numClasses);
  const perClass: ClassThreshold[] = [];
  const fitted = emptyDecisionCounts(numClasses);
  const crossFitted = emptyDecisionCounts(numClasses);
  const globalCrossFitted = emptyDecisionCounts(numClasses);
  for (let index = 0; index < numClasses; index++) {
    const parts = held.ofClass(index);
    const choices = classChoices(parts, value);
    const final = choices.map((choice, fold) => shrunk(choice, shared[fold]!, minPositives));
    const threshold = final[folds]!;
    parts.forEach((part, fold) => {
      addKeyDecisions(fitted, index, part, threshold);
      addKeyDecisions(crossFitted, index, part, final[fold]!);
      addKeyDecisions(globalCrossFitted, index, part, shared[fold]!);
    });
    thresholds[index] = threshold;
    const source = sourceOf(choices[folds]!, minPositives);
    perClass.push({ index, ...(ids && { id: ids[index]! }), threshold, source, ...supportOf(parts) });
  }
  const summary = (counts: DecisionCounts): PrecisionRecallF1 =>
    summarizeDecisions("chooseThresholds", counts, options);
  return {
    criterion,
    thresholds,
    byId: Object.fromEntries(ids?.map((id, index) => [id, thresholds[index]!]) ?? []),
    perClass,
    global,
    folds,
    fitted: summary(fitted),
    crossFitted: summary(crossFitted),
    globalCrossFitted: summary(globalCrossFitted),
  };
}

/** Part of the way from the shared threshold to the class's own. */
function shrunk({ threshold, positives }: Choice, shared: number, minPositives: number): number {
  if (threshold === undefined) return shared;
  if (positives >= minPositives) return threshold;
  return Math.fround(shared + (positives / minPositives) * (threshold - shared));
}

function sourceOf({ threshold, positives }: Choice, minPositives: number): ClassThreshold["source"] {
  if (threshold === undefined) return "global";
  return positives >= minPositives ? "own" : "shrunk";
}

function check({ folds, numSamples, numClasses }: AnnotatedScores, options: ChooseThresholdsOptions): void {
  const { ids, minPositives = 10 } = options;
  if (!Number.isInteger(folds) || folds < 2) {
    throw new RangeError(
      `chooseThresholds: expected at least 2 folds, got ${folds}. Make the accumulator with folds: 5; without a second part there is no honest estimate.`,
    );
  }
  if (numSamples < folds) {
    throw new RangeError(
      `chooseThresholds: expected at least as many samples as folds (${folds}), got ${numSamples}. Pass more samples or fewer folds.`,
    );
  }
  if (ids && (ids.length !== numClasses || new Set(ids).size !== numClasses)) {
    throw new RangeError(
      `chooseThresholds: expected ${numClasses} different class ids, got ${ids.length} (${new Set(ids).size} different). Pass one per column.`,
    );
  }
  if (!(minPositives >= 0)) {
    throw new RangeError(`chooseThresholds: expected minPositives to be 0 or more, got ${minPositives}.`);
  }
}
