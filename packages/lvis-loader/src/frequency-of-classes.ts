import type { LvisLabels } from "./assemble-lvis.js";
import type { Frequency } from "./frequency.js";

/**
 * The group of every class, by class index: what `bucketMap` of @csl/metrics takes to give mAP of the rare, common and
 * frequent classes. "?" for a class whose frequency the file does not give.
 */
export function frequencyOfClasses({
  table,
  frequency,
}: Pick<LvisLabels, "table" | "frequency">): (Frequency | "?")[] {
  return table.classes.ids.map((id) => frequency[id] ?? "?");
}
