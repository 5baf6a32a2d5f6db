import type { Prior } from "./prior.js";
import { type PriorClass, readPriorCsv } from "./read-prior-csv.js";
import { readPriorJson } from "./read-prior-json.js";

export interface ReadPriorOptions {
  /** The class list in the model's order. With it the prior comes back in this order, keyed by these ids. */
  classes?: readonly PriorClass[];
}

/** A prior and what had to be mended to read it, in words; empty when nothing was. */
export interface PriorReading extends Prior {
  readonly repairs: readonly string[];
}

/**
 * Reads a prior from the text of a file: our JSON (`writePrior`) or the reference's CSV (`Classes,avg_pred`).
 *
 * The CSV names classes by display name. Without `classes` the names serve as ids. Mended and listed in `repairs`: a
 * last line without a value (the reference's own file ends with one), a missing header line, values past 0 or 1 by
 * rounding, rows in another order than `classes`, repeated names where every row agrees with `classes` by position.
 *
 * @throws on everything else: no text, cut JSON, a line without a number, values outside [0, 1] or not a number, a
 * class without a value or a value without a class, repeated names that nothing tells apart.
 */
export function readPrior(text: string, { classes }: ReadPriorOptions = {}): PriorReading {
  const content = text.replace(/^\uFEFF/, "").trim();
  if (content === "")
    throw new Error("readPrior: expected a prior file, got an empty one. Write it again with writePrior.");
  return content.startsWith("{") || content.startsWith("[")
    ? readPriorJson(content, classes)
    : readPriorCsv(content, classes);
}
