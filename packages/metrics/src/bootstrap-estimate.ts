/** A number with what resampling says about it. */
export type Estimate = {
  /** On the samples as they are. */
  value: number;
  /** Percentile interval of the draws at the asked level. */
  low: number;
  high: number;
  /** Standard deviation of the draws. */
  standardError: number;
};

/** @param draws at least one finite number @param level share of the draws within the interval */
export function estimateOf(value: number, draws: Float64Array, level: number): Estimate {
  const sorted = draws.slice().sort();
  const quantile = (share: number): number => {
    const at = share * (sorted.length - 1);
    const below = sorted[Math.floor(at)]!;
    return below + (at - Math.floor(at)) * (sorted[Math.ceil(at)]! - below);
  };
  const mean = sorted.reduce((sum, draw) => sum + draw, 0) / sorted.length;
  const squares = sorted.reduce((sum, draw) => sum + (draw - mean) ** 2, 0);
  return {
    value,
    low: quantile((1 - level) / 2),
    high: quantile((1 + level) / 2),
    standardError: Math.sqrt(squares / Math.max(sorted.length - 1, 1)),
  };
}
