import type { Random } from "@csl/internal/random/mulberry32";
import type { Label, LabelTable } from "@csl/labels";

/**
 * min(count, items) of the items, each set equally likely (the first steps of Fisher–Yates). One draw for every item
 * taken; none when all are taken, which then keep their order.
 */
export function drawWithoutReplacement(items: Uint32Array, count: number, random: Random): Uint32Array {
  if (count >= items.length) return items;
  const pool = items.slice();
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (pool.length - i));
    const kept = pool[i]!;
    pool[i] = pool[j]!;
    pool[j] = kept;
  }
  return pool.subarray(0, count);
}

/** The classes that have `label` in a sample, ascending. Works from the stored cells, not over the full row. */
export function classesWith(table: LabelTable, sample: number, label: Label): Uint32Array {
  const { classes, labels } = table.row(sample);
  if (label === table.defaultLabel) return complement(classes, table.numClasses);
  return classes.filter((_, i) => labels[i] === label);
}

/** Returns a function that lists the samples that have a label in a class, ascending. */
export function samplesByClass(table: LabelTable): (classIndex: number, label: Label) => Uint32Array {
  // The stored cells again, column by column (CSC).
  const starts = new Uint32Array(table.numClasses + 1);
  table.forEachEntry((_sample, c) => {
    starts[c + 1]!++;
  });
  for (let c = 0; c < table.numClasses; c++) starts[c + 1]! += starts[c]!;
  const next = starts.slice();
  const samples = new Uint32Array(table.entries.length);
  const labels = new Int8Array(table.entries.length);
  table.forEachEntry((sample, c, label) => {
    const at = next[c]!++;
    samples[at] = sample;
    labels[at] = label;
  });
  return (c, label) => {
    const listed = samples.subarray(starts[c], starts[c + 1]);
    if (label === table.defaultLabel) return complement(listed, table.numSamples);
    const from = starts[c]!;
    return listed.filter((_, i) => labels[from + i] === label);
  };
}

/** The numbers below n that are not in `listed` (ascending). */
function complement(listed: Uint32Array, n: number): Uint32Array {
  const rest = new Uint32Array(n - listed.length);
  let at = 0;
  let i = 0;
  for (let value = 0; value < n; value++) {
    if (listed[i] === value) i++;
    else rest[at++] = value;
  }
  return rest;
}
