/** The first number that is NaN or infinite. Most arrays have none: one sum finds that out. */
export function firstNonFinite(values: ArrayLike<number>): { index: number; value: number } | undefined {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0; // NaN from the first such number on
  if (sum === 0) return undefined;
  const index = Array.prototype.findIndex.call(values, (value: number) => !Number.isFinite(value));
  return { index, value: values[index]! };
}
