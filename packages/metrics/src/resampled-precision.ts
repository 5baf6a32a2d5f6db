import type { RankedRows } from "./ranked-rows.js";

/** AP of one class in one draw, and the positives it rests on; null where the draw lacks positives or negatives. */
export type ResampledPrecision = { ap: number; positives: number } | null;

/**
 * AP with every sample counted as often as it was drawn. Sorting was done once for all draws; a draw is a walk down the
 * ranking.
 *
 * @param drawn [samples] how often each was drawn
 */
export function resampledPrecision(ranked: RankedRows, drawn: Uint8Array): ResampledPrecision {
  const { numSteps, positives, positivesEnd, negatives, negativesEnd } = ranked;
  let found = 0;
  let wrong = 0;
  let area = 0;
  let p = 0;
  let n = 0;
  for (let step = 0; step < numSteps; step++) {
    const lastNegative = negativesEnd[step]!;
    while (n < lastNegative) wrong += drawn[negatives[n++]!]!;
    const lastPositive = positivesEnd[step]!;
    const before = found;
    while (p < lastPositive) found += drawn[positives[p++]!]!;
    if (found > before) area += (found - before) * (found / (found + wrong));
  }
  if (found === 0) return null;
  while (wrong === 0 && n < negatives.length) wrong += drawn[negatives[n++]!]!;
  return wrong === 0 ? null : { ap: area / found, positives: found };
}
