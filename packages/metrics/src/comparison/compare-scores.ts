import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { checkBootstrap, drawableMatrix } from "../ranking/check-bootstrap.js";
import { isLeftOut, skipReason } from "../ranking/class-metrics.js";
import { drawSamples } from "../ranking/draw-samples.js";
import {
  type CountedClasses,
  columnSupport,
  rankedRows,
  resampledPrecision,
} from "../ranking/resampled-map.js";
import type { LabelMatrix, NumberArray } from "../scores/label-matrix.js";
import { Family, type Looked } from "./look.js";
import { MeanDraws } from "./mean-draws.js";
import { differenceOf, type SettingErrors, settingErrors } from "./setting-errors.js";

export type CompareOptions = CountedClasses & {
  /** The group of every class, by index; undefined: none. */
  groups?: readonly (string | undefined)[];
  /** How many times samples are drawn, default 1000. */
  draws?: number;
  /** How often an interval shall hold, default 0.95. */
  level?: number;
  /** The same seed draws the same samples. Default 1. */
  seed?: number;
  /** Classes with fewer annotated positives get no interval of their own, default 10: resampling cannot know their error. */
  minClassPositives?: number;
};

type CompareInput = CompareOptions & {
  /**
   * Settings, the first of which the others are compared with. Each is the scores of its runs, one per seed:
   * [rows * numClasses] row-major, logits or probabilities.
   */
  settings: readonly (readonly NumberArray[])[];
  /** [rows * numClasses] 1, 0 or -1. */
  labels: NumberArray;
  numClasses: number;
};

/** A mean of APs of a setting: over its runs, and of each run. */
export type SettingScore = {
  value: number;
  runs: number[];
  /** Standard deviation between the runs; null with one. */
  deviation: number | null;
};

export type ComparedClass = {
  index: number;
  positives: number;
  negatives: number;
  /** AP, the mean of the runs: of A and of B; null where the class is left out. */
  a: number | null;
  b: number | null;
  /** Null where the class is left out, or has too few positives for an interval. */
  difference: Looked | null;
};

/** What is said of setting B (by its index in the input) against setting 0. */
export type Comparison = {
  setting: number;
  /** `settings` where both have several runs: the intervals are over seeds and samples. Else over samples alone for a setting of one run. */
  about: "settings" | "models";
  mapC: Looked;
  mapO: Looked;
  groups: { group: string; classes: number; a: number; b: number; difference: Looked }[];
  perClass: ComparedClass[];
};

export type ScoreComparison = {
  settings: { mapC: SettingScore; mapO: SettingScore }[];
  comparisons: Comparison[];
  /** How many numbers the intervals are corrected for. */
  corrected: { overall: number; groups: number; classes: number };
  draws: number;
  level: number;
  numSamples: number;
  validClasses: number;
};

/**
 * Which of several models, or of several settings with a few seeds each, is better: paired bootstrap intervals of
 * mAP(C), mAP(O), of groups of classes and of single classes. All are computed on the same draws of the samples. Where a
 * setting has several runs, the intervals also hold what another seed would change.
 *
 * Groups and classes are corrected for how many are looked at (max-T, see `Family`). Ties are grouped and classes that lack
 * positives or negatives are left out, as in evaluate(). A class is sorted once per run for all draws.
 *
 * @throws CslError `invalid-argument` on fewer than two settings, a setting without a run, wrong lengths, NaN scores,
 *   options out of range, or when no class can be scored; `unknown-option`.
 */
export function compareScores(input: CompareInput): ScoreComparison {
  checkOptions("compareScores", input, {
    settings: true,
    labels: true,
    numClasses: true,
    groups: true,
    draws: true,
    level: true,
    seed: true,
    counts: true,
    minPositives: true,
    minClassPositives: true,
  });
  const { draws = 1000, level = 0.95, seed = 1, minClassPositives = 10, groups = [] } = input;
  checkBootstrap("compareScores", { draws, level, seed });
  const settings = checkedSettings(input);
  const [matrix] = settings[0]!;
  // The first "draw" is the set itself.
  const drawn = [new Uint8Array(matrix!.rows).fill(1), ...drawSamples(matrix!.rows, draws, seed)];
  const random = mulberry32(seed + 1);
  const means = settings.map((runs) => runs.map(() => new MeanDraws(drawn.length)));
  const families = { classes: new Family(draws, level), groups: new Family(draws, level) };
  const perClass: (() => ComparedClass)[][] = settings.slice(1).map(() => []);
  let validClasses = 0;
  for (let index = 0; index < input.numClasses; index++) {
    const support = columnSupport(matrix!, index);
    if (isLeftOut(skipReason(index, support, input), {})) {
      for (const own of perClass) own.push(() => ({ index, ...support, a: null, b: null, difference: null }));
      continue;
    }
    validClasses++;
    const numbers = settings.map((runs, s) =>
      runs.map((run, r) => means[s]![r]!.add(drawnPrecision(run, index, drawn), groups[index])),
    );
    const errors = numbers.map((runs) => settingErrors(runs, random));
    const [first, ...others] = errors;
    others.forEach((other, i) => {
      const enough = support.positives >= minClassPositives;
      const look = enough ? families.classes.look(differenceOf(first!, other)) : () => null;
      const ap = { a: first!.value, b: other.value };
      perClass[i]!.push(() => ({ index, ...support, ...ap, difference: look() }));
    });
  }
  if (validClasses === 0)
    throw new CslError(
      "invalid-argument",
      "compareScores: expected at least one class with an annotated positive and an annotated negative, got none. Pass more samples.",
    );
  const errorsOf = (number: (mean: MeanDraws) => Float64Array): SettingErrors[] =>
    means.map((runs) => settingErrors(runs.map(number), random));
  const overall = {
    mapC: lookAtAll(
      errorsOf((mean) => mean.mapC),
      new Family(draws, level),
    ),
    mapO: lookAtAll(
      errorsOf((mean) => mean.mapO),
      new Family(draws, level),
    ),
  };
  const names = means[0]![0]!.groups;
  const ofGroups = names.map(({ group, classes }) => {
    const errors = errorsOf((mean) => mean.groupMap(group));
    return { group, classes, errors, looks: lookAtAll(errors, families.groups) };
  });
  const score = (runs: MeanDraws[], number: (mean: MeanDraws) => Float64Array): SettingScore =>
    settingScore(runs.map((run) => number(run)[0]!));
  return {
    settings: means.map((runs) => ({ mapC: score(runs, (m) => m.mapC), mapO: score(runs, (m) => m.mapO) })),
    comparisons: perClass.map((classes, i) => ({
      setting: i + 1,
      about: settings[0]!.length > 1 && settings[i + 1]!.length > 1 ? "settings" : "models",
      mapC: overall.mapC[i]!(),
      mapO: overall.mapO[i]!(),
      groups: ofGroups.map(({ group, classes: size, errors, looks }) => ({
        ...{ group, classes: size, a: errors[0]!.value, b: errors[i + 1]!.value },
        difference: looks[i]!(),
      })),
      perClass: classes.map((own) => own()),
    })),
    corrected: {
      overall: settings.length - 1,
      groups: families.groups.size,
      classes: families.classes.size,
    },
    ...{ draws, level, numSamples: matrix!.rows, validClasses },
  };
}

function lookAtAll([first, ...others]: SettingErrors[], family: Family): (() => Looked)[] {
  return others.map((other) => family.look(differenceOf(first!, other)));
}

/** The AP of a class in each draw; NaN where it lacks positives or negatives. With it, its positives. */
function drawnPrecision(run: LabelMatrix, index: number, drawn: readonly Uint8Array[]) {
  const ranked = rankedRows(run, index);
  const ap = new Float64Array(drawn.length).fill(Number.NaN);
  const positives = new Float64Array(drawn.length);
  drawn.forEach((counts, draw) => {
    const own = resampledPrecision(ranked, counts);
    if (own) [ap[draw], positives[draw]] = [own.ap, own.positives];
  });
  return { ap, positives };
}

function settingScore(runs: number[]): SettingScore {
  const value = runs.reduce((sum, run) => sum + run, 0) / runs.length;
  const squares = runs.reduce((sum, run) => sum + (run - value) ** 2, 0);
  return { value, runs, deviation: runs.length > 1 ? Math.sqrt(squares / (runs.length - 1)) : null };
}

function checkedSettings({ settings, labels, numClasses, groups }: CompareInput): LabelMatrix[][] {
  if (settings.length < 2 || settings.some((runs) => runs.length === 0))
    throw new CslError(
      "invalid-argument",
      `compareScores: expected two settings or more with at least one run each, got ${settings.map((runs) => runs.length).join(" and ") || "none"}.`,
    );
  if (groups && groups.length !== numClasses)
    throw new CslError(
      "invalid-argument",
      `compareScores: expected a group for each of ${numClasses} classes, got ${groups.length}. Use undefined for a class without one.`,
    );
  return settings.map((runs) =>
    runs.map((scores) => drawableMatrix("compareScores", scores, labels, numClasses)),
  );
}
