import { checkOptions } from "@csl/internal/errors/check-options";
import { type AnnotatedPrior, expectedFrequencies } from "./expected-frequencies.js";

/** What selective mode should ignore, and from what it follows. */
export interface ChosenSelection {
  /** For `selective({ priorThreshold })`: the `ignoredClasses` classes of largest prior are above it. */
  priorThreshold: number;
  ignoredClasses: number;
  /** For `selective({ topK })`. */
  topK: number;
  /** Expected number of present, un-annotated classes of a sample among which the likeliest are picked. */
  missed: number;
  /** Expected mean frequency over mean prior. */
  scale: number;
}

/**
 * Chooses threshold and number for `selective`. A class's un-annotated entries are worth their negatives and cost their missed
 * positives, so both are weighed by how well present and absent can be told apart. With n⁺ positives and n negatives the
 * variance of the difference of their means is proportional to 1/n⁺ + 1/n; missed positives, a share q of what counts as
 * negative, shorten the difference by 1 − q. So per class the information is
 *
 *     ignored:  1 / (1/n⁺ + 1/n⁻)          negative:  (1 − q)² / (1/n⁺ + 1/(n⁻ + u))
 *
 * with u un-annotated entries and q = missed / (n⁻ + u), missed = N π − n⁺, π the expected frequency. Classes are ignored from
 * the largest prior on, as many as give the largest product over the classes.
 *
 * K is the expected number of missed positives of a sample, rounded: of all classes, as those that the prior ignores take
 * places, too, or with `spareIgnored` of the others.
 *
 * @throws CslError as `expectedFrequencies`.
 * Source: the trade of arXiv 2110.10955 section 3 (frequent classes are often left un-annotated though present); case-control
 * sampling with contaminated controls: Lancaster and Imbens 1996.
 */
export function chooseSelection(given: AnnotatedPrior & { spareIgnored?: boolean }): ChosenSelection {
  checkOptions("chooseSelection", given, {
    ...{ prior: true, positives: true, negatives: true, samples: true, fair: true, spareIgnored: true },
  });
  const { spareIgnored, ...annotated } = given;
  const { frequencies, scale } = expectedFrequencies(annotated);
  const { prior, positives, negatives, samples } = given;
  const missedOf = (c: number): number => Math.max(0, samples * frequencies[c]! - positives[c]!);
  const gain = (c: number): number => {
    const present = positives[c]!;
    const absent = negatives[c]!;
    const unannotated = samples - present - absent;
    if (present === 0 || unannotated === 0) return 0; // nothing to learn, or nothing to choose
    if (absent === 0) return Number.NEGATIVE_INFINITY; // without its un-annotated entries nothing counts as absent
    const others = absent + unannotated;
    const clean = 1 - missedOf(c) / others;
    const ignored = 1 / (1 / present + 1 / absent);
    const negative = clean ** 2 / (1 / present + 1 / others);
    return Math.log(ignored) - Math.log(negative);
  };
  const order = Array.from({ length: prior.length }, (_, c) => c).sort((a, b) => prior[b]! - prior[a]!);
  let best = { gain: 0, classes: 0 };
  let total = 0;
  order.forEach((c, i) => {
    total += gain(c);
    const next = order[i + 1];
    if (total > best.gain && (next === undefined || prior[next]! < prior[c]!))
      best = { gain: total, classes: i + 1 };
  });
  const below = order.slice(best.classes);
  const missed = (spareIgnored ? below : order).reduce((sum, c) => sum + missedOf(c), 0) / samples;
  return {
    priorThreshold: best.classes === 0 ? 1 : between(prior[order[best.classes - 1]!]!, prior[below[0]!] ?? 0),
    ignoredClasses: best.classes,
    topK: Math.round(missed),
    missed,
    scale,
  };
}

/** The number of fewest digits in the middle that is below `above` and not below `least`; 0 where everything is above. */
function between(above: number, least: number): number {
  if (least === 0) return 0;
  for (let digits = 2; digits < 9; digits++) {
    const value = Number(((above + least) / 2).toFixed(digits));
    if (value < above && value >= least) return value;
  }
  return least;
}
