import { classStatistics, expectSameClasses, type LabelTable } from "@csl/labels";

export interface ClassFrequency {
  id: string;
  name: string;
  /** Positives before, and positives and negatives that are still annotated after. */
  truth: number;
  positives: number;
  negatives: number;
}

/** The counts of every class before and after a simulation, most frequent first. */
export function classFrequencies(before: LabelTable, after: LabelTable): ClassFrequency[] {
  expectSameClasses(before.classes, after.classes, "classFrequencies");
  const truth = classStatistics(before).positives;
  const { positives, negatives } = classStatistics(after);
  return before.classes
    .toJSON()
    .map(({ id, name }, i) => ({
      id,
      name,
      truth: truth[i]!,
      positives: positives[i]!,
      negatives: negatives[i]!,
    }))
    .sort((a, b) => b.truth - a.truth);
}
