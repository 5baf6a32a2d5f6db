import { checkOptions } from "@csl/internal/errors/check-options";
import { classStatistics } from "../class-statistics.js";
import type { LabelTable } from "../label-table.js";
import { completeFrequencies } from "./complete-frequencies.js";
import { type Recommendation, recommendMode } from "./recommend-mode.js";

/**
 * The mode that {@link diagnose} recommends for a table, without the rest of its report.
 *
 * @param options.complete a table over the same classes, of which the frequencies are compared where it is completely
 * labelled: a validation split
 */
export function recommendModeFor(table: LabelTable, options: { complete?: LabelTable } = {}): Recommendation {
  checkOptions("recommendModeFor", options, { complete: true });
  const { positives, negatives, unannotated } = classStatistics(table);
  return recommendMode({
    classes: Array.from(positives, (count, c) => ({ positives: count, negatives: negatives[c]! })),
    unannotated: unannotated.reduce((total, count) => total + count, 0),
    samples: table.numSamples,
    complete: options.complete && completeFrequencies(table, options.complete),
  });
}
