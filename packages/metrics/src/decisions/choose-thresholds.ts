import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import {
  type AnnotatedScores,
  annotatedScores,
  countSupport,
  type ScoreSource,
} from "../scores/annotated-scores.js";
import {
  addKeyDecisions,
  type DecisionCounts,
  emptyDecisionCounts,
  type MeanOptions,
  type PrecisionRecallF1,
  summarizeDecisions,
} from "./decision-counts.js";
import { type Choice, classChoices, globalChoices } from "./threshold-choices.js";
import { criterionValue, fBeta, type ThresholdCriterion } from "./threshold-criterion.js";

type ChooseThresholdsOptions = MeanOptions & {
  /** What is maximised: `fBeta(beta)` (default F1) or `recallAtPrecision(precision)`. */
  criterion?: ThresholdCriterion;
  /**
   * A class with fewer annotated positives gets a threshold between the one that all classes share and its own: with n
   * of them, n / minPositives of the way to its own. Default 10; 0 gives every class its own.
   */
  minPositives?: number;
  /** Class ids by index, so that the result is keyed by them. */
  ids?: readonly string[];
  /** For scores given in one piece: parts for the cross-fitting, default 5. An accumulator has its own. */
  folds?: number;
};

/** One class's threshold and what it does. */
type ClassThreshold = {
  index: number;
  id?: string;
  /** Predicted means score > threshold. */
  threshold: number;
  /** Its own optimum, a value between that and the shared one, or the shared one (a class without positives or negatives). */
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
  /** What the thresholds do on the entries that they were chosen on: optimistic. */
  fitted: PrecisionRecallF1;
  /** What they do on data that they were not chosen on: the decisions on each fold by thresholds that were chosen on the others. */
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
 * @throws CslError `invalid-argument` on invalid scores or labels, fewer samples than folds, ids that do not fit, or when no class has
 *   both an annotated positive and an annotated negative.
 */
export function chooseThresholds(
  source: ScoreSource,
  options: ChooseThresholdsOptions = {},
): ChosenThresholds {
  checkOptions("chooseThresholds", options, {
    criterion: true,
    minPositives: true,
    ids: true,
    folds: true,
    convention: true,
    emptyClass: true,
  });
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
    const parts = held.forClass(index);
    const choices = classChoices(parts, value);
    const final = choices.map((choice, fold) => shrunk(choice, shared[fold]!, minPositives));
    const threshold = final[folds]!;
    parts.forEach((part, fold) => {
      addKeyDecisions(fitted, index, part, threshold);
      addKeyDecisions(crossFitted, index, part, final[fold]!);
      addKeyDecisions(globalCrossFitted, index, part, shared[fold]!);
    });
    thresholds[index] = threshold;
    const source = thresholdSource(choices[folds]!, minPositives);
    perClass.push({ index, ...(ids && { id: ids[index]! }), threshold, source, ...countSupport(parts) });
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

function thresholdSource({ threshold, positives }: Choice, minPositives: number): ClassThreshold["source"] {
  if (threshold === undefined) return "global";
  return positives >= minPositives ? "own" : "shrunk";
}

function check({ folds, numSamples, numClasses }: AnnotatedScores, options: ChooseThresholdsOptions): void {
  const { ids, minPositives = 10 } = options;
  if (!Number.isInteger(folds) || folds < 2) {
    throw new CslError(
      "invalid-argument",
      `chooseThresholds: expected at least 2 folds, got ${folds}. Make the accumulator with folds: 5.`,
    );
  }
  if (numSamples < folds) {
    throw new CslError(
      "invalid-argument",
      `chooseThresholds: expected at least as many samples as folds (${folds}), got ${numSamples}. Pass more samples or fewer folds.`,
    );
  }
  if (ids && (ids.length !== numClasses || new Set(ids).size !== numClasses)) {
    throw new CslError(
      "invalid-argument",
      `chooseThresholds: expected ${numClasses} different class ids, got ${ids.length} (${new Set(ids).size} different). Pass one per column.`,
    );
  }
  if (!(minPositives >= 0)) {
    throw new CslError(
      "invalid-argument",
      `chooseThresholds: expected minPositives to be 0 or more, got ${minPositives}.`,
    );
  }
}
