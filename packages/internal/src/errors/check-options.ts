import { CslError } from "./csl-error.js";

/** The names that options of type `T` may have; leaving one out, or adding one, is a type error. */
export type OptionNames<T> = { readonly [Name in keyof Required<T>]: true };

/**
 * Refuses names that `options` does not have: `{ gamma_neg: 2 }` would otherwise be ignored in silence. Call it first,
 * before anything else is looked at. It is part of every browser bundle, so it is kept small.
 *
 * @param speaker the function whose options they are, or the function and the option that holds them:
 * `partialLoss: gamma`.
 * @throws CslError `unknown-option` with all known names; `invalid-argument` when `options` is no object.
 */
export function checkOptions<T extends object>(speaker: string, options: T, known: OptionNames<T>): void {
  const list = (): string => `Known: ${Object.keys(known).join(", ")}.`; // made only when it is needed
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected an object of options, got ${String(options)}. ${list()}`,
    );
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined)
    throw new CslError("unknown-option", `${speaker}: unknown option "${unknown}". ${list()}`);
}
