import { CslError } from "./csl-error.js";

/** The names that options of type `T` may have, with any values; leaving one out, or adding one, is a type error. */
export type OptionNames<T> = { readonly [Name in keyof Required<T>]: unknown };

/**
 * Refuses names that `options` does not have: `{ gamma_neg: 2 }` would otherwise be ignored in silence. Call it first,
 * before anything else is looked at. It is part of every browser bundle, so it is kept small.
 *
 * @param speaker the function whose options they are, or the function and the option that holds them:
 * `partialLoss: gamma`.
 * @throws CslError `unknown-option` with all known names; `invalid-argument` when `options` is no object.
 */
export function checkOptions<T extends object>(speaker: string, options: T, known: OptionNames<T>): void {
  const isObject = Object(options) === options && !Array.isArray(options);
  const unknown = isObject ? Object.keys(options).find((name) => !Object.hasOwn(known, name)) : undefined;
  if (isObject && unknown === undefined) return;
  throw new CslError(
    isObject ? "unknown-option" : "invalid-argument",
    `${speaker}: ${isObject ? `unknown option "${unknown}"` : `expected an object of options, got ${options}`}. Known: ${Object.keys(known).join(", ")}.`,
  );
}
