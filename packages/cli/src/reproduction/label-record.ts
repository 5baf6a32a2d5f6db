import type { LabelTable } from "@csl/labels";
import { differingMarks, Mark, readMarks, writeMarks } from "./mark.js";

/** What is kept of a label table, to say later which entry has changed. */
export interface LabelRecord {
  samples: number;
  classes: number;
  /** SHA-256 of the table. */
  hash: string;
  /** SHA-256 of the classes' ids. */
  classesHash: string;
  /** Samples that share a mark: 1, or more in large tables. */
  samplesPerMark: number;
  /** Marks of the samples' rows, and of the classes' columns. */
  rows: string;
  columns: string;
}

/** Marks of rows that a card holds: a megabyte. */
const MOST_ROWS = 100_000;

export function recordLabels(table: LabelTable): LabelRecord {
  const samplesPerMark = Math.max(1, Math.ceil(table.numSamples / MOST_ROWS));
  const { rows, columns } = marksOf(table, samplesPerMark);
  return {
    ...{ samples: table.numSamples, classes: table.numClasses, hash: table.hash() },
    ...{
      classesHash: table.classes.hash(),
      samplesPerMark,
      rows: writeMarks(rows),
      columns: writeMarks(columns),
    },
  };
}

function marksOf(table: LabelTable, samplesPerMark: number): { rows: Uint32Array; columns: Uint32Array } {
  const rows = Array.from({ length: Math.ceil(table.numSamples / samplesPerMark) }, () => new Mark());
  const columns = Array.from({ length: table.numClasses }, () => new Mark());
  table.forEachEntry((sample, classIndex, label) => {
    if (label === table.defaultLabel) return;
    rows[Math.floor(sample / samplesPerMark)]!.add(sample % samplesPerMark)
      .add(classIndex)
      .add(label);
    columns[classIndex]!.add(sample).add(label);
  });
  return {
    rows: Uint32Array.from(rows, ({ value }) => value),
    columns: Uint32Array.from(columns, ({ value }) => value),
  };
}

const words: Readonly<Record<number, string>> = { 1: "positive", 0: "negative", [-1]: "un-annotated" };

/** Changes that are named one by one. */
const NAMED = 10;

/**
 * What has changed in labels since a record of them, as closely as the marks tell: the entry with what it was, else the
 * sample.
 *
 * @param nameOf what a sample is called.
 */
export function labelChanges(
  before: LabelRecord,
  table: LabelTable,
  { split, nameOf }: { split: string; nameOf: (sample: number) => string },
): string[] {
  if (table.hash() === before.hash) return [];
  const of = `labels of "${split}"`;
  if (table.classes.hash() !== before.classesHash)
    return [`${of}: other classes (${table.numClasses} instead of ${before.classes}), or in another order`];
  if (table.numSamples !== before.samples)
    return [`${of}: ${table.numSamples} images instead of ${before.samples}`];
  const now = marksOf(table, before.samplesPerMark);
  const rows = differingMarks(readMarks(before.rows), now.rows);
  const columns = differingMarks(readMarks(before.columns), now.columns);
  if (rows.length === 0)
    return [`${of}: the ids of samples, or what un-listed classes mean; every listed label is as it was`];
  const { ids, names } = table.classes;
  const className = (index: number): string => `${names[index]} (${ids[index]})`;
  const old = readMarks(before.rows);
  const named = rows.slice(0, NAMED).map((row) => {
    if (before.samplesPerMark > 1) {
      const [from, to] = [row * before.samplesPerMark, (row + 1) * before.samplesPerMark - 1];
      return `${of}: of ${nameOf(from)} or one of the images after it, to ${nameOf(Math.min(to, table.numSamples - 1))}`;
    }
    const entry = entryThatChanged(table, row, { columns, before: old[row]! });
    if (!entry)
      return `${of}: of ${nameOf(row)}, several classes or one of ${columns.slice(0, 5).map(className).join(", ")}`;
    const is = words[table.label(row, entry.classIndex)];
    return `${of}: class ${className(entry.classIndex)} of ${nameOf(row)} was ${words[entry.label]} and is ${is}`;
  });
  return rows.length > NAMED ? [...named, `${of}: and ${rows.length - NAMED} more images`] : named;
}

/** The one entry of a row that, with another label, gives the mark that the row had; by trying. */
function entryThatChanged(
  table: LabelTable,
  row: number,
  { columns, before }: { columns: readonly number[]; before: number },
): { classIndex: number; label: number } | undefined {
  const dense = table.dense([row]);
  for (const classIndex of columns.slice(0, 1000))
    for (const label of [1, 0, -1]) {
      if (label === dense[classIndex]) continue;
      const mark = new Mark();
      dense.forEach((own, c) => {
        const tried = c === classIndex ? label : own;
        if (tried !== table.defaultLabel) mark.add(0).add(c).add(tried);
      });
      if (mark.value === before) return { classIndex, label };
    }
  return undefined;
}
