import type { LabelTable } from "@csl/labels";

/** Every stored cell as `id class label`. */
export function cellsOf(table: LabelTable): string[] {
  const cells: string[] = [];
  table.forEachEntry((sample, c, label) => {
    cells.push(`${table.sampleIds.at(sample)} ${table.classes.ids[c]} ${label}`);
  });
  return cells;
}
