import type { Random } from "@csl/internal/random/mulberry32";
import type { DrawnDifference } from "./look.js";
import { studentDraws } from "./student-draws.js";

/** A number of each run of a setting: first on the set itself, then one per draw; NaN where a draw lacks it. */
export type DrawnNumber = readonly Float64Array[];

/** What the runs of one setting say about a number. */
export type SettingErrors = {
  /** Mean of the runs on the set itself. */
  value: number;
  /** Mean of the runs in each draw. */
  draws: Float64Array;
  /** Variance of that mean because other samples favour other runs; a part of what varies between draws, too. */
  interaction: number;
  /** Variance of that mean between seeds, the interaction included; 0 with one run, of which nothing is known. */
  seedVariance: number;
  /** Errors of that mean because of seeds, one per draw; undefined with one run. */
  seedErrors: Float64Array | undefined;
};

/**
 * The seeds are a sample of all seeds as the samples are of all samples. The variance between R runs, s², over R
 * estimates what the mean owes to seeds; its own uncertainty with few runs is that of Student's t with R - 1 degrees of
 * freedom. s² and the resampling both hold that other samples favour other runs (`interaction`): one of them must
 * leave it out.
 */
export function settingErrors(runs: DrawnNumber, random: Random): SettingErrors {
  const count = runs.length;
  const means = runs[0]!.map((_, i) => runs.reduce((sum, run) => sum + run[i]!, 0) / count);
  const value = means[0]!;
  const draws = means.subarray(1);
  if (count === 1) return { value, draws, interaction: 0, seedVariance: 0, seedErrors: undefined };
  const between = runs.reduce((sum, run) => sum + (run[0]! - value) ** 2, 0) / (count - 1);
  // Deviations from the mean of the runs have (R - 1) / R of the variance.
  const within = runs.reduce(
    (sum, run) => sum + variance(run.map((own, i) => own - means[i]!).subarray(1)),
    0,
  );
  const interaction = within / (count - 1) / count;
  const seedVariance = between / count;
  const scale = Math.sqrt(seedVariance);
  const seedErrors = studentDraws(draws.length, count - 1, random).map((error) => scale * error);
  return { value, draws, interaction, seedVariance, seedErrors };
}

/** B minus A: the draws are of the same samples, the seeds are independent. */
export function differenceOf(a: SettingErrors, b: SettingErrors): DrawnDifference {
  const value = b.value - a.value;
  const drawn = b.draws.map((own, i) => own - a.draws[i]!);
  const { mean, variance: ofSamples } = moments(drawn);
  const seeds = a.seedVariance + b.seedVariance;
  const left = Math.max(0, ofSamples - a.interaction - b.interaction);
  const shrink = ofSamples > 0 ? Math.sqrt(left / ofSamples) : 0;
  const withSeeds = drawn.map(
    (own, i) => shrink * (own - mean) + (b.seedErrors?.[i] ?? 0) - (a.seedErrors?.[i] ?? 0),
  );
  // By luck the runs may agree more than single samples allow: what the samples alone say is the least.
  if (left + seeds < ofSamples)
    return { value, errors: drawn.map((own) => own - mean), standardError: Math.sqrt(ofSamples) };
  return { value, errors: withSeeds, standardError: Math.sqrt(left + seeds) };
}

function variance(values: Float64Array): number {
  return moments(values).variance;
}

function moments(values: Float64Array): { mean: number; variance: number } {
  const finite = values.filter((value) => !Number.isNaN(value));
  const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length;
  const squares = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: finite.length > 1 ? squares / (finite.length - 1) : 0 };
}
