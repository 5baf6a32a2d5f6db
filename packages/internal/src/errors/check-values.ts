import { CslError } from "./csl-error.js";

/** Refuses a value that is none of `choices`: TypeScript does not protect callers in plain JavaScript. */
export function checkChoice(speaker: string, name: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  const list = choices.map((choice) => `"${choice}"`).join(" or ");
  throw new CslError(
    "invalid-argument",
    `${speaker}: expected ${name} to be ${list}, got ${JSON.stringify(value)}.`,
  );
}

/** Refuses what is not a whole number from 1 on. */
export function checkCount(speaker: string, name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new CslError(
    "invalid-argument",
    `${speaker}: expected ${name} to be a positive whole number, got ${value}.`,
  );
}

/**
 * Refuses what is not a finite number in a range: from and to are allowed, above and below are not. NaN is in no range.
 */
export function checkRange(
  speaker: string,
  name: string,
  value: number,
  { from, to, above, below }: { from?: number; to?: number; above?: number; below?: number },
): void {
  const inside =
    Number.isFinite(value) &&
    value >= (from ?? value) &&
    value <= (to ?? value) &&
    value > (above ?? Number.NEGATIVE_INFINITY) &&
    value < (below ?? Number.POSITIVE_INFINITY);
  if (inside) return;
  const bounds = [
    ...(from === undefined ? [] : [`of at least ${from}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(to === undefined ? [] : [`of at most ${to}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ];
  throw new CslError(
    "invalid-argument",
    `${speaker}: expected ${name} to be a finite number ${bounds.join(" and ")}, got ${value}.`,
  );
}
