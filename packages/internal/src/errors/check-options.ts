import { nearMatches } from "../text/near-matches.js";
import { CslError } from "./csl-error.js";

/** The names that options of type `T` may have; leaving one out, or adding one, is a type error. */
export type OptionNames<T> = { readonly [Name in keyof Required<T>]: true };

/**
 * Refuses names that `options` does not have: `{ gamma_neg: 2 }` would otherwise be ignored in silence. Call it first,
 * before anything else is looked at.
 *
 * @param speaker the function whose options they are, or the function and the option that holds them:
 * `partialLoss: gamma`.
 * @throws CslError `unknown-option` with the name that was probably meant and all that are known; `invalid-argument`
 * when `options` is no object.
 */
export function checkOptions<T extends object>(speaker: string, options: T, known: OptionNames<T>): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected an object of options, got ${Array.isArray(options) ? "a list" : String(options)}. ` +
        `Known: ${Object.keys(known).join(", ")}.`,
    );
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue;
    const names = Object.keys(known);
    const [close] = nearMatches(name, names);
    throw new CslError(
      "unknown-option",
      `${speaker}: unknown option "${name}". ${close === undefined ? "" : `Did you mean "${close}"? `}Known: ${names.join(", ")}.`,
    );
  }
}
