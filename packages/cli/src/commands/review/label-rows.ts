import type { LabelTable } from "@csl/labels";

/** One image in a label file of ours: what `--data` reads as a label file of one's own, and the id that it had before. */
export interface LabelRow {
  path: string;
  positives: string[];
  /** `["*"]`: all other classes are absent. */
  negatives: string[];
  /** The sample's id in the data that were reviewed, where it is not the path. */
  id?: string;
}

/** A label of an entry and the one before it. */
export interface LabelChange {
  image: string;
  class: string;
  from: number;
  to: number;
}

/** The rows of a table. The lists are in the order of the classes, so that the same labels are always the same bytes. */
export function* rowsOfTable(
  table: LabelTable,
  pathOf: (sample: number) => string,
): Generator<LabelRow, void, undefined> {
  const { ids } = table.classes;
  const labels = new Int8Array(ids.length);
  for (let sample = 0; sample < table.numSamples; sample++) {
    table.fillRow(sample, labels);
    const having = (label: number): string[] => ids.filter((_, c) => labels[c] === label);
    const positives = having(1);
    const complete = !labels.includes(-1);
    const [path, id] = [pathOf(sample), table.sampleIds.at(sample)];
    yield { path, positives, negatives: complete ? ["*"] : having(0), ...(id !== path && { id }) };
  }
}

/** What a row says of a class. */
export function labelOf({ positives, negatives }: LabelRow, classId: string): -1 | 0 | 1 {
  if (positives.includes(classId)) return 1;
  return negatives.includes(classId) || negatives.includes("*") ? 0 : -1;
}

/** The same row with another label for a class. `order` gives a class's place. */
export function withLabel(
  row: LabelRow,
  { classId, label, order }: { classId: string; label: number; order: ReadonlyMap<string, number> },
): LabelRow {
  const complete = row.negatives.includes("*");
  const without = (list: readonly string[]): string[] => list.filter((id) => id !== classId);
  const added = (list: readonly string[]): string[] =>
    [...without(list), classId].sort((a, b) => order.get(a)! - order.get(b)!);
  const positives = label === 1 ? added(row.positives) : without(row.positives);
  if (complete && label !== -1) return { ...row, positives };
  const others = complete ? [...order.keys()].filter((id) => !row.positives.includes(id)) : row.negatives;
  const negatives = label === 0 ? added(others) : without(others);
  const all = positives.length + negatives.length === order.size;
  return { ...row, positives, negatives: all ? ["*"] : negatives };
}
