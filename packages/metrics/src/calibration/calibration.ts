import { checkOptions } from "@csl/internal/errors/check-options";
import { checkChoice, checkCount } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import { missingLabels } from "../ranking/class-metrics.js";
import { annotatedScores, type ScoreSource } from "../scores/annotated-scores.js";
import type { NumberArray } from "../scores/label-matrix.js";
import {
  addToBins,
  addToPooledGroups,
  type ClassProbabilities,
  calibrationError,
  classProbabilities,
  emptyBins,
  equalMassBins,
  pooledGroups,
  type ReliabilityBin,
  reliabilityTable,
  type ScoreKind,
  sortedGroups,
} from "./calibration-bins.js";

type CalibrationOptions = {
  /** Whether the scores are logits or probabilities; probabilities outside [0, 1] are refused. */
  scoresAre: ScoreKind;
  /** Logits are divided by it, one for all classes or one per class (`fitTemperature` finds it). Default 1. */
  temperature?: number | NumberArray;
  /** Bins of either kind, default 15. */
  bins?: number;
};

type CalibrationFigures = {
  /** Expected calibration error: Σ |share of positives - mean probability| · share of entries, bins of equal width. */
  ece: number;
  /** The same over bins of equally many entries: small probabilities, where most entries lie, get bins of their own. */
  adaptiveEce: number;
  /** Mean of (probability - label)². */
  brier: number;
};

/** One class's calibration; null figures without an annotated entry. */
type ClassCalibration = { index: number; positives: number; negatives: number } & (
  | CalibrationFigures
  | { [name in keyof CalibrationFigures]: null }
);

/** Over all annotated entries in one pool, and over classes. */
export type Calibration = CalibrationFigures & {
  /** Mean of the classes that have an annotated positive and an annotated negative; null when none has. */
  classMean: CalibrationFigures | null;
  /** How many those are. */
  validClasses: number;
  entries: number;
  /** The pool by bins of equal width. */
  reliability: ReliabilityBin[];
  perClass: ClassCalibration[];
};

/**
 * How well probabilities agree with the frequency of positives, over the annotated entries.
 *
 * @param source scores and labels, or a MetricAccumulator that holds them.
 * @throws CslError `invalid-argument` on invalid scores or labels, probabilities outside [0, 1], a temperature that is not positive, or
 *   when nothing is annotated.
 * @see torchmetrics BinaryCalibrationError (l1) for ece; scikit-learn calibration_curve (quantile), brier_score_loss.
 */
export function calibration(source: ScoreSource, options: CalibrationOptions): Calibration {
  const speaker = "calibration";
  checkOptions(speaker, options, { scoresAre: true, temperature: true, bins: true });
  const { scoresAre, temperature = 1, bins = 15 } = options;
  const held = annotatedScores(speaker, source);
  checkValues(speaker, held.numClasses, options);
  const equalWidth = emptyBins(bins);
  const groups = pooledGroups();
  let squares = 0;
  const perClass = Array.from({ length: held.numClasses }, (_, index): ClassCalibration => {
    const own = typeof temperature === "number" ? temperature : temperature[index]!;
    const probabilities = classProbabilities(held.forClass(index), { scoresAre, temperature: own });
    if (scoresAre === "probabilities") requireProbabilities(speaker, probabilities, index);
    addToBins(equalWidth, probabilities);
    addToPooledGroups(groups, probabilities);
    squares += squaredErrors(probabilities);
    return classCalibration(index, probabilities, bins);
  });
  const entries = equalWidth.counts.reduce((sum, count) => sum + count, 0);
  if (entries === 0) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected at least one annotated entry, got none in ${held.numSamples} samples. Evaluate annotated samples.`,
    );
  }
  const valid = perClass.filter(({ positives, negatives }) => missingLabels(positives, negatives) === null);
  const mean = (name: keyof CalibrationFigures): number =>
    valid.reduce((sum, own) => sum + own[name]!, 0) / valid.length;
  return {
    ece: calibrationError(equalWidth),
    adaptiveEce: calibrationError(equalMassBins(groups, bins)),
    brier: squares / entries,
    classMean:
      valid.length === 0
        ? null
        : { ece: mean("ece"), adaptiveEce: mean("adaptiveEce"), brier: mean("brier") },
    validClasses: valid.length,
    entries,
    reliability: reliabilityTable(equalWidth),
    perClass,
  };
}

function classCalibration(index: number, probabilities: ClassProbabilities, bins: number): ClassCalibration {
  const entries = probabilities.annotated.length;
  const positives = probabilities.positives.length;
  const support = { index, positives, negatives: entries - positives };
  if (entries === 0) return { ...support, ece: null, adaptiveEce: null, brier: null };
  const equalWidth = emptyBins(bins);
  addToBins(equalWidth, probabilities);
  return {
    ...support,
    ece: calibrationError(equalWidth),
    adaptiveEce: calibrationError(equalMassBins(sortedGroups(probabilities), bins)),
    brier: squaredErrors(probabilities) / entries,
  };
}

/** Σ (p - y)²: as if all were negative, then the positives' share corrected, (p - 1)² - p² = 1 - 2p. */
function squaredErrors({ annotated, positives }: ClassProbabilities): number {
  let sum = 0;
  for (let i = 0; i < annotated.length; i++) sum += annotated[i]! * annotated[i]!;
  for (let i = 0; i < positives.length; i++) sum += 1 - 2 * positives[i]!;
  return sum;
}

function requireProbabilities(speaker: string, { annotated }: ClassProbabilities, index: number): void {
  const wrong = annotated.find((p) => p < 0 || p > 1);
  if (wrong === undefined) return;
  throw new CslError(
    "invalid-argument",
    `${speaker}: expected probabilities in [0, 1], got ${wrong} in class ${index}. Are these logits? Pass scoresAre: "logits".`,
  );
}

function checkValues(speaker: string, numClasses: number, options: CalibrationOptions): void {
  const { scoresAre, temperature = 1, bins = 15 } = options;
  checkChoice(speaker, "scoresAre", scoresAre, ["logits", "probabilities"]);
  checkCount(speaker, "bins", bins);
  if (typeof temperature !== "number" && temperature.length !== numClasses) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected one temperature or one per class (${numClasses}), got ${temperature.length}.`,
    );
  }
  const values = typeof temperature === "number" ? [temperature] : Array.from(temperature);
  const wrong = values.find((value) => !(value > 0 && Number.isFinite(value)));
  if (wrong !== undefined) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected a positive temperature, got ${wrong}. 1 changes nothing.`,
    );
  }
  if (scoresAre === "probabilities" && values.some((value) => value !== 1)) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected logits to be divided by a temperature, got probabilities. Pass the logits.`,
    );
  }
}
