import type { LabelTable } from "@csl/labels";
import type { CustomLabels } from "./read-custom-labels.js";

/** The labels of every split, by its name; all under "" where the file has none. */
export function splitCustomLabels({
  table,
  fileNames,
  splits,
}: Pick<CustomLabels, "table" | "fileNames" | "splits">): Record<
  string,
  { table: LabelTable; fileNames: string[] }
> {
  if (!splits) return { "": { table, fileNames } };
  const samples = new Map<string, number[]>();
  splits.forEach((split, i) => {
    const list = samples.get(split);
    if (list) list.push(i);
    else samples.set(split, [i]);
  });
  return Object.fromEntries(
    Array.from(samples, ([split, list]) => [
      split,
      { table: table.select(list), fileNames: list.map((i) => fileNames[i]!) },
    ]),
  );
}
