import type { ClassList } from "./class-list.js";
import { createEntries, entryCode } from "./entry-code.js";
import { LabelTable } from "./label-table.js";
import { sampleIdsFrom } from "./sample-ids/pack-ids.js";
import type { SampleIds } from "./sample-ids/sample-ids.js";

/**
 * The same samples over another class list: columns are found by class id, those of other classes are left out. A
 * class that the table does not have holds the table's default label.
 */
export function selectClasses(table: LabelTable, classes: ClassList): LabelTable {
  if (table.classes.equals(classes)) {
    const { sampleIds, defaultLabel, offsets, entries } = table;
    return new LabelTable({ classes, sampleIds, defaultLabel, offsets, entries });
  }
  const NONE = 0xffffffff;
  const newIndex = Uint32Array.from(table.classes.ids, (id) =>
    classes.has(id) ? classes.indexOf(id) : NONE,
  );
  const from = entryCode(table.numClasses, table.defaultLabel);
  const to = entryCode(classes.size, table.defaultLabel);
  const classAt = (entry: number): number => newIndex[(entry & ~from.flag) >>> 0]!;
  const offsets = new Uint32Array(table.numSamples + 1);
  let kept = 0;
  for (let sample = 0, i = 0; sample < table.numSamples; sample++) {
    for (const end = table.offsets[sample + 1]!; i < end; i++)
      if (classAt(table.entries[i]!) !== NONE) kept++;
    offsets[sample + 1] = kept;
  }
  const entries = createEntries(to, kept);
  let at = 0;
  for (let sample = 0, i = 0; sample < table.numSamples; sample++) {
    const start = at;
    let sorted = true;
    for (const end = table.offsets[sample + 1]!; i < end; i++) {
      const entry = table.entries[i]!;
      const index = classAt(entry);
      if (index === NONE) continue;
      if (at > start && (entries[at - 1]! & ~to.flag) >>> 0 > index) sorted = false;
      entries[at++] = (entry & from.flag) === 0 ? index : (index | to.flag) >>> 0;
    }
    if (!sorted) sortRow(entries.subarray(start, at), to.flag);
  }
  const { sampleIds, defaultLabel } = table;
  return new LabelTable({ classes, sampleIds, defaultLabel, offsets, entries });
}

/** The table of exactly these samples, in this order; one that the table does not have holds its default label. */
export function selectSamples(table: LabelTable, samples: readonly string[] | SampleIds): LabelTable {
  const sampleIds = sampleIdsFrom(samples);
  const found = new Int32Array(sampleIds.length);
  const offsets = new Uint32Array(sampleIds.length + 1);
  for (let i = 0; i < sampleIds.length; i++) {
    const sample = table.sampleIds.indexOf(sampleIds.at(i));
    found[i] = sample;
    offsets[i + 1] = offsets[i]! + (sample < 0 ? 0 : table.offsets[sample + 1]! - table.offsets[sample]!);
  }
  const { classes, defaultLabel } = table;
  const entries = createEntries(entryCode(classes.size, defaultLabel), offsets[sampleIds.length]!);
  for (let i = 0; i < found.length; i++) {
    const sample = found[i]!;
    if (sample < 0) continue;
    entries.set(table.entries.subarray(table.offsets[sample]!, table.offsets[sample + 1]!), offsets[i]!);
  }
  return new LabelTable({ classes, sampleIds, defaultLabel, offsets, entries });
}

/** Cells by their class. */
function sortRow(row: Uint16Array | Uint32Array, flag: number): void {
  row.set(Array.from(row).sort((a, b) => ((a & ~flag) >>> 0) - ((b & ~flag) >>> 0)));
}
