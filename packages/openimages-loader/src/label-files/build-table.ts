import { ClassList, hexSampleIds, LabelTable, type SampleIds } from "@csl/labels";
import type { CellStore } from "./cell-store.js";
import { Contradiction, Positive } from "./label-mark.js";

/** Negative in a table whose default is un-annotated and that has at most 32,768 classes: see `entryCode`. */
const NEGATIVE = 0x8000;

/**
 * The table of a store, written over the store's own memory: 57.5 million labels would not fit twice below half a
 * gigabyte. Returns how many cells were contradictory, which leaves them un-annotated.
 *
 * @param sampleIds where the groups' words are no image ids.
 */
export function buildTable(
  { words, offsets, classes: cells, marks, groups }: CellStore,
  classes: ClassList,
  sampleIds: SampleIds = hexSampleIds(words.subarray(0, groups * 2)),
): { table: LabelTable; contradictions: number } {
  let kept = 0;
  let contradictions = 0;
  for (let group = 0, i = 0; group < groups; group++) {
    const end = offsets[group + 1]!;
    for (; i < end; i++) {
      const mark = marks[i]!;
      if ((mark & Contradiction) !== 0) contradictions++;
      else cells[kept++] = (mark & Positive) !== 0 ? cells[i]! : cells[i]! | NEGATIVE;
    }
    offsets[group + 1] = kept;
  }
  const table = new LabelTable({
    classes,
    sampleIds,
    defaultLabel: -1,
    offsets: offsets.subarray(0, groups + 1),
    entries: cells.subarray(0, kept),
  });
  return { table, contradictions };
}

/**
 * Numbers the classes that were met in the order of their ids, so that the same rows in any order give the same
 * table, and sorts every group's cells by the new numbers.
 */
export function renumber(store: CellStore, names: readonly string[]): ClassList {
  const sorted = names.map((_, i) => i).sort((a, b) => (names[a]! < names[b]! ? -1 : 1));
  const numberOf = new Uint16Array(names.length);
  sorted.forEach((old, number) => {
    numberOf[old] = number;
  });
  const { classes, marks, offsets, groups } = store;
  for (let group = 0; group < groups; group++) {
    const start = offsets[group]!;
    const end = offsets[group + 1]!;
    if (end - start > 64) {
      const keys = Float64Array.from(
        { length: end - start },
        (_, i) => numberOf[classes[start + i]!]! * 256 + marks[start + i]!,
      );
      keys.sort().forEach((key, i) => {
        classes[start + i] = key >>> 8;
        marks[start + i] = key & 255;
      });
      continue;
    }
    for (let i = start; i < end; i++) {
      const number = numberOf[classes[i]!]!;
      const mark = marks[i]!;
      let j = i;
      for (; j > start && classes[j - 1]! > number; j--) {
        classes[j] = classes[j - 1]!;
        marks[j] = marks[j - 1]!;
      }
      classes[j] = number;
      marks[j] = mark;
    }
  }
  return ClassList.from(sorted.map((old) => ({ id: names[old]!, name: names[old]! })));
}
