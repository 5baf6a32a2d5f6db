import type { ClassKeys } from "./class-keys.js";
import { addCounter, type DecisionCounter, emptyCounter } from "./decision-counter.js";
import { thresholdBelow } from "./threshold-below.js";
import type { CriterionValue } from "./threshold-criterion.js";

/** A threshold, or none where the entries lack positives or negatives; `positives` says how many it rests on. */
export type Choice = { threshold: number | undefined; positives: number };

/**
 * The best threshold without each fold in turn, and last the one on all of them.
 *
 * @param counters decisions at `candidates`, one per fold @param partsOf the entries of a fold
 */
export function chooseByFold(
  candidates: Int32Array,
  counters: readonly DecisionCounter[],
  { value, partsOf }: { value: CriterionValue; partsOf: (fold: number) => readonly ClassKeys[] },
): Choice[] {
  const all = emptyCounter(candidates.length);
  for (const counter of counters) addCounter(all, counter);
  const choose = (without: number): Choice => {
    const { positives } = all;
    const best = bestCandidate(all, value);
    if (best < 0) return { threshold: undefined, positives };
    const parts = counters.flatMap((_, fold) => (fold === without ? [] : partsOf(fold)));
    return { threshold: thresholdBelow(candidates[best]!, parts), positives };
  };
  const choices = counters.map((counter, fold) => {
    addCounter(all, counter, -1);
    const choice = choose(fold);
    addCounter(all, counter);
    return choice;
  });
  return [...choices, choose(-1)];
}

/**
 * The index of the best candidate, the highest of equally good ones; -1 without positives or without negatives. Only a
 * positive's own score can be best: any other threshold lets the same positives pass, and as many negatives or more.
 */
function bestCandidate(
  { positivesFrom, annotatedFrom, positives, annotated }: DecisionCounter,
  value: CriterionValue,
): number {
  if (positives === 0 || annotated === positives) return -1;
  let best = -1;
  let bestValue = -Infinity;
  for (let i = positivesFrom.length - 1, before = 0; i >= 0; i--) {
    const truePositives = positivesFrom[i]!;
    if (truePositives === before) continue; // a positive of the fold that is left out
    before = truePositives;
    const own = value(truePositives, annotatedFrom[i]! - truePositives, positives);
    if (own > bestValue) {
      bestValue = own;
      best = i;
    }
  }
  return best;
}
