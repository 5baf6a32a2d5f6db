import { checkOptions } from "@csl/internal/errors/check-options";
import { checkCount } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import { checkEntries } from "./check-entries.js";

interface CalibrateOptions {
  /** Of the class heads or of a model, [samples * numClasses]; NaN where there is none. */
  scores: ArrayLike<number>;
  /** [samples * numClasses] 1, 0 or -1. */
  labels: ArrayLike<number>;
  numClasses: number;
}

/** How many annotated entries what is known of all classes together weighs, in the fit of one class. */
const PRIOR_ENTRIES = 5;
const NEWTON_STEPS = 50;

/**
 * The probability of "present" for every entry, [samples * numClasses]: 1 / (1 + e^-(a·score + b)) with a and b of the
 * class, fitted to its annotated entries (Platt scaling), and drawn to those of all classes where it has few. A class that lacks positives or
 * negatives has those of all classes. It is the probability among entries like the annotated ones: where positives were
 * searched for, they are rarer among the others.
 *
 * Scores should be of samples that the scorer was not fitted to (`crossFittedScores`). NaN stays NaN.
 *
 * @throws CslError `invalid-argument` for shapes that do not fit, infinite scores, and where nothing is annotated.
 * @see Platt 1999, Probabilistic Outputs for Support Vector Machines.
 */
export function calibrateScores(options: CalibrateOptions): Float32Array {
  const speaker = "calibrateScores";
  checkOptions(speaker, options, { scores: true, labels: true, numClasses: true });
  const { scores, labels, numClasses } = options;
  checkCount(speaker, "numClasses", numClasses);
  checkEntries(speaker, { name: "scores", entries: scores }, labels, numClasses);
  const points = Array.from({ length: numClasses }, (): Points => ({ scores: [], labels: [] }));
  for (let i = 0; i < labels.length; i++) {
    const score = scores[i]!;
    if (Math.abs(score) === Number.POSITIVE_INFINITY)
      throw new CslError("invalid-argument", `${speaker}: expected finite scores, got ${score} at ${i}.`);
    if (labels[i] === -1 || Number.isNaN(score)) continue;
    const of = points[i % numClasses]!;
    of.scores.push(score);
    of.labels.push(labels[i]!);
  }
  const all: Points = {
    scores: points.flatMap((of) => of.scores),
    labels: points.flatMap((of) => of.labels),
  };
  if (all.scores.length === 0)
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected annotated entries with a score, got none. Is the class list the same as that of the labels?`,
    );
  const shared = fitLogistic(all, { a: 1 / (spread(all.scores) || 1), b: 0 });
  const fits = points.map((of) =>
    of.labels.includes(1) && of.labels.includes(0) ? fitLogistic(of, shared) : shared,
  );
  return Float32Array.from({ length: labels.length }, (_, i) => {
    const { a, b } = fits[i % numClasses]!;
    return 1 / (1 + Math.exp(-(a * scores[i]! + b)));
  });
}

interface Points {
  scores: number[];
  labels: number[];
}

interface Fit {
  a: number;
  b: number;
}

/** Newton's steps on the log loss, with a penalty for a that goes far from the prior's, in its unit, and for b. */
function fitLogistic({ scores, labels }: Points, prior: Fit): Fit {
  let { a, b } = prior;
  const unit = PRIOR_ENTRIES / 4; // an entry of probability 1/2 has a curvature of 1/4
  const tightness = unit / (prior.a * prior.a);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    let [slopeA, slopeB] = [tightness * (a - prior.a), unit * (b - prior.b)];
    let [curveA, curveB, mixed] = [tightness, unit, 0];
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i]!;
      const p = 1 / (1 + Math.exp(-(a * score + b)));
      const weight = p * (1 - p);
      slopeA += (p - labels[i]!) * score;
      slopeB += p - labels[i]!;
      curveA += weight * score * score;
      curveB += weight;
      mixed += weight * score;
    }
    const determinant = curveA * curveB - mixed * mixed;
    const stepA = (curveB * slopeA - mixed * slopeB) / determinant;
    const stepB = (curveA * slopeB - mixed * slopeA) / determinant;
    // Half a step at the most: far from the minimum Newton's own would overshoot.
    const most = Math.max(Math.abs(stepA * prior.a ** -1), Math.abs(stepB), 1);
    a -= stepA / most;
    b -= stepB / most;
    if (Math.abs(stepA) <= 1e-9 * Math.abs(a) && Math.abs(stepB) <= 1e-9) break;
  }
  return { a, b };
}

function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
