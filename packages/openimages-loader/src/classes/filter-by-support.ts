import { checkOptions } from "@csl/internal/errors/check-options";
import { ClassList, classStatistics, type LabelTable, selectClasses } from "@csl/labels";

/** Least numbers of annotated samples that a class needs to stay. */
export interface Support {
  positives?: number;
  negatives?: number;
}

/**
 * The table without the classes that too few samples support, samples unchanged. OpenImages calls a class trainable
 * from 100 human-verified positives in train on.
 */
export function filterBySupport(table: LabelTable, support: Support): LabelTable {
  checkOptions("filterBySupport", support, { positives: true, negatives: true });
  const { positives = 0, negatives = 0 } = support;
  const counts = classStatistics(table);
  const kept = table.classes
    .toJSON()
    .filter((_, c) => counts.positives[c]! >= positives && counts.negatives[c]! >= negatives);
  return selectClasses(table, ClassList.from(kept));
}
