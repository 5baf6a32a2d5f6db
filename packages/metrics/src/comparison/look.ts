import { quantile } from "../ranking/quantile.js";

/** What is said about one difference. */
export type Looked = {
  /** B minus A, on the samples as they are. */
  value: number;
  /** Interval at the asked level, for somebody who looks at this number alone. */
  low: number;
  high: number;
  standardError: number;
  /** How often chance alone would give a difference of this size or more. */
  p: number;
  /** The same for somebody who looks at the whole family: all intervals hold at once at the asked level. */
  corrected: { low: number; high: number; p: number };
};

/** A difference with what resampling says about it: one error per draw, of the difference, around zero. */
export type DrawnDifference = { value: number; errors: Float64Array; standardError: number };

/**
 * Numbers that are looked at together, for instance all classes. Intervals are studentised and symmetric:
 * value ± c · standard error. c is what the error of one number, or the largest of the family (max-T), stays below in a
 * draw. The largest is taken draw by draw, so numbers that move together are not corrected for twice.
 *
 * @see Westfall and Young 1993, Resampling-Based Multiple Testing; Romano and Wolf 2005, Econometrica 73(4).
 */
export class Family {
  readonly #largest: Float64Array;
  readonly #level: number;
  #size = 0;

  constructor(draws: number, level: number) {
    this.#largest = new Float64Array(draws);
    this.#level = level;
  }

  /** How many numbers were looked at. */
  get size(): number {
    return this.#size;
  }

  /** Takes a number in; what is returned is to be called once all are in. Draws that lack the number (NaN) are left out. */
  look({ value, errors, standardError }: DrawnDifference): () => Looked {
    const sizes = errors.filter((error) => !Number.isNaN(error)).map(Math.abs);
    // Both models rank alike in every draw: nothing to divide by, and nothing that could be larger than others.
    if (standardError === 0 || sizes.length === 0) {
      const none = { low: value, high: value, p: value === 0 ? 1 : 0 };
      return () => ({ value, standardError: 0, ...none, corrected: none });
    }
    this.#size++;
    for (let draw = 0; draw < errors.length; draw++) {
      const size = Math.abs(errors[draw]!) / standardError;
      if (size > this.#largest[draw]!) this.#largest[draw] = size;
    }
    const ratio = Math.abs(value) / standardError;
    const alone = sizes.map((size) => size / standardError).sort();
    return () => {
      const own = (sorted: Float64Array) => {
        const half = quantile(sorted, this.#level) * standardError;
        return { low: clip(value - half), high: clip(value + half), p: shareAbove(sorted, ratio) };
      };
      return { value, standardError, ...own(alone), corrected: own(this.#largest.slice().sort()) };
    };
  }
}

/** No difference of two numbers in [0, 1] is further from zero. */
const clip = (value: number): number => Math.min(1, Math.max(-1, value));

/** Of the draws and the set itself, so never 0. */
function shareAbove(sorted: Float64Array, value: number): number {
  const above = sorted.reduce((count, size) => count + (size >= value ? 1 : 0), 0);
  return (above + 1) / (sorted.length + 1);
}
