import { CslError } from "@csl/internal/errors/csl-error";

/**
 * Spearman's rank correlation of two lists, ties taking their average rank: Pearson's correlation of the ranks.
 * The paper's figure 7 compares an estimated prior with the true class frequencies by it.
 *
 * @throws CslError when lengths differ, a value is not a number, or one list is constant (the correlation is then undefined).
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new CslError(
      "mismatch",
      `rankCorrelation: expected two lists of one length, got ${a.length} and ${b.length}. Are both over the same classes?`,
    );
  const x = averageRanks(a);
  const y = averageRanks(b);
  const middle = (a.length + 1) / 2;
  let covariance = 0;
  let varianceX = 0;
  let varianceY = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = x[i]! - middle;
    const dy = y[i]! - middle;
    covariance += dx * dy;
    varianceX += dx * dx;
    varianceY += dy * dy;
  }
  if (varianceX === 0 || varianceY === 0)
    throw new CslError(
      "invalid-argument",
      `rankCorrelation: expected values that differ, got a constant list of ${a.length}. Nothing can be ranked.`,
    );
  return covariance / Math.sqrt(varianceX * varianceY);
}

function averageRanks(values: ArrayLike<number>): Float64Array {
  const bad = Array.prototype.findIndex.call(values, (value: number) => Number.isNaN(value));
  if (bad >= 0)
    throw new CslError("invalid-argument", `rankCorrelation: expected numbers, got NaN at ${bad}.`);
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort(
    (i, j) => values[i]! - values[j]!,
  );
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
