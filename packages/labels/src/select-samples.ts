import { createEntries, entryCode } from "./entry-code.js";
import { LabelTable } from "./label-table.js";
import { type SampleIds, sampleIdsFrom } from "./sample-ids.js";

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
