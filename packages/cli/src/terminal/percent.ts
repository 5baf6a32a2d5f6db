/** A fraction as the field's tables print it: 0.8372 → "83.72". */
export function percent(fraction: number): string {
  return (100 * fraction).toFixed(2);
}
