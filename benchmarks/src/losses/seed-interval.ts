/** Student's t for 95 % (two-sided), by degrees of freedom from 1 on. */
const quantiles = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145],
  ...[2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045],
];

/** Mean of some values and the half width of its 95 % interval, by Student's t; infinite for a single value. */
export function seedInterval(values: readonly number[]): { mean: number; half: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const degrees = values.length - 1;
  if (degrees < 1) return { mean, half: Number.POSITIVE_INFINITY };
  const t = quantiles[degrees - 1] ?? 1.96;
  return { mean, half: (t * Math.sqrt(squares / degrees)) / Math.sqrt(values.length) };
}
