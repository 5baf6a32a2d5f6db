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
