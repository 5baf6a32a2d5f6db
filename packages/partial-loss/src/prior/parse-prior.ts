import { checkOptions } from "@csl/internal/errors/check-options";
import { invalidFile, type ParsedPrior, type PriorClass, parsePriorCsv } from "./prior-csv.js";
import { parsePriorJson } from "./prior-json.js";

export interface ParsePriorOptions {
  /** The class list in the model's order. With it the prior comes back in this order, keyed by these ids. */
  classes?: readonly PriorClass[];
}

/**
 * Parses the text of a prior file: our JSON (`stringifyPrior`) or the reference's CSV (`Classes,avg_pred`).
 *
 * The CSV names classes by display name. Without `classes` the names serve as ids. Repaired and listed in `repairs`: a
 * last line without a value (the reference's own file ends with one), a missing header line, values past 0 or 1 by
 * rounding, rows in another order than `classes`, repeated names where every row agrees with `classes` by position.
 *
 * @throws CslError on everything else. `invalid-file`: no text, cut JSON, a line without a number, values outside [0, 1]
 * or not a number, repeated names that cannot be distinguished. `mismatch`: a class without a value or a value without a
 * class.
 */
export function parsePrior(text: string, options: ParsePriorOptions = {}): ParsedPrior {
  checkOptions("parsePrior", options, { classes: true });
  const content = text.replace(/^\uFEFF/, "").trim();
  if (content === "")
    throw invalidFile("expected a prior file, got an empty one. Write it again with stringifyPrior.");
  return content.startsWith("{") || content.startsWith("[")
    ? parsePriorJson(content, options.classes)
    : parsePriorCsv(content, options.classes);
}
