import { Label } from "@csl/internal/labels/label";
import type { LabelTable } from "./label-table.js";
import { LabelTableBuilder } from "./label-table-builder.js";

/**
 * Samples that show one and the same image, as one sample: what any of them says counts. A class that one of them has
 * and that another only holds by the table's default label, negative, is there: a second listing of an image does not
 * make what the first one lists absent. A class listed as present and as absent is un-annotated.
 *
 * @param groups positions of the samples of each image, two or more. The first of each is kept, the others are left out.
 * @returns the table, and how many cells were listed as present and as absent.
 */
export function mergeSamples(
  table: LabelTable,
  groups: readonly (readonly number[])[],
): { table: LabelTable; conflicts: number } {
  const merged = new Map(groups.map((group) => [group[0]!, group]));
  const dropped = new Set(groups.flatMap((group) => group.slice(1)));
  const kept = Array.from({ length: table.numSamples }, (_, sample) => sample).filter(
    (sample) => !dropped.has(sample),
  );
  const builder = new LabelTableBuilder(table.classes, {
    defaultLabel: table.defaultLabel,
    sampleIds: kept.map((sample) => table.sampleIds.at(sample)),
  });
  let conflicts = 0;
  for (const [position, sample] of kept.entries()) {
    const group = merged.get(sample) ?? [sample];
    const rows = group.map((member) => table.row(member));
    const listed = new Set(rows.flatMap(({ classes }) => [...classes]));
    for (const classIndex of listed) {
      const labels = group.map((member) => table.label(member, classIndex));
      const isPositive = labels.includes(Label.Positive);
      const isAbsent = labels.includes(Label.Negative);
      const conflict = isPositive && isAbsent && table.defaultLabel !== Label.Negative;
      if (conflict) conflicts++;
      const label = conflict || !(isPositive || isAbsent) ? Label.Unannotated : isPositive ? 1 : 0;
      builder.addAt(position, classIndex, label);
    }
  }
  return { table: builder.build(), conflicts };
}
