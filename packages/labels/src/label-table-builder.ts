import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { checkLabel, Label } from "@csl/internal/labels/label";
import type { ClassList } from "./class-list.js";
import { createEntries, entryCode } from "./entry-code.js";
import { EntryLog } from "./entry-log.js";
import { isIndex } from "./is-index.js";
import { LabelTable } from "./label-table.js";
import { sampleIdsFrom } from "./sample-ids/pack-ids.js";
import type { SampleIds } from "./sample-ids/sample-ids.js";

/** The label of a cell from all its additions. */
type Merge = (positive: boolean, negative: boolean, last: Label) => Label;

/**
 * What becomes of a cell that was labelled more than once. Un-annotated never
 * overrules a label, except under `last`. Positive and negative for the same cell are a conflict:
 * - `drop`: the cell becomes un-annotated;
 * - `positive-wins`, `negative-wins`: that label is kept;
 * - `last`: the latest addition counts, whatever it is (for sources that come in rising order of trust).
 */
export type DuplicatePolicy = "drop" | "positive-wins" | "negative-wins" | "last";

const duplicatePolicies: Readonly<Record<DuplicatePolicy, Merge>> = {
  drop: (positive, negative) => (positive === negative ? Label.Unannotated : sign(positive)),
  "positive-wins": (positive, negative) => (positive || negative ? sign(positive) : Label.Unannotated),
  "negative-wins": (positive, negative) => (positive || negative ? sign(!negative) : Label.Unannotated),
  last: (_positive, _negative, last) => last,
};

const sign = (positive: boolean): Label => (positive ? Label.Positive : Label.Negative);

export interface LabelTableBuilderOptions {
  /** The label of every cell that is never added. Default: un-annotated. */
  defaultLabel?: Label;
  /** What becomes of a cell that is added as positive and as negative. Default `drop`. */
  duplicates?: DuplicatePolicy;
  /** Samples that are known beforehand, in order; ids may then repeat and are addressed by position (`addAt`). */
  sampleIds?: readonly string[] | SampleIds;
}

/** Collects labels in any order and merges repeated cells by a stated policy. 8 bytes a label while collecting. */
export class LabelTableBuilder {
  readonly classes: ClassList;
  readonly #defaultLabel: Label;
  readonly #duplicates: DuplicatePolicy;
  /** The samples known beforehand, and those that came after them with their positions. */
  readonly #known: SampleIds;
  readonly #added: string[] = [];
  readonly #indexOfAdded: Map<string, number> = new Map();
  readonly #log: EntryLog = new EntryLog();
  #lastId: string | undefined;
  #lastIndex = -1;
  #conflicts = 0;
  #repeats = 0;

  constructor(classes: ClassList, options: LabelTableBuilderOptions = {}) {
    checkOptions("LabelTableBuilder", options, { defaultLabel: true, duplicates: true, sampleIds: true });
    const { defaultLabel = Label.Unannotated, duplicates = "drop", sampleIds = [] } = options;
    if (!Object.hasOwn(duplicatePolicies, duplicates)) {
      throw new CslError(
        "invalid-argument",
        `LabelTableBuilder: expected duplicates to be one of ${Object.keys(duplicatePolicies).join(", ")}, got ${String(duplicates)}.`,
      );
    }
    this.classes = classes;
    this.#defaultLabel = checkLabel(defaultLabel, "LabelTableBuilder", () => "defaultLabel");
    this.#duplicates = duplicates;
    this.#known = sampleIdsFrom(sampleIds);
  }

  /** Cells that were added as positive and as negative; known after `build()`. */
  get conflicts(): number {
    return this.#conflicts;
  }

  /** Additions beyond the first to the same cell, agreeing or not; known after `build()`. */
  get repeats(): number {
    return this.#repeats;
  }

  get #numSamples(): number {
    return this.#known.length + this.#added.length;
  }

  /** Makes sure that a sample exists (with or without labels) and returns its position. */
  addSample(id: string): number {
    if (id === this.#lastId) return this.#lastIndex;
    let index = this.#known.length === 0 ? -1 : this.#known.indexOf(id);
    if (index < 0) index = this.#indexOfAdded.get(id) ?? -1;
    if (index < 0) {
      index = this.#numSamples;
      this.#added.push(id);
      this.#indexOfAdded.set(id, index);
    }
    this.#lastId = id;
    this.#lastIndex = index;
    return index;
  }

  /** @throws for an unknown class id or a label other than 1, 0, -1. */
  add(sampleId: string, classId: string, label: number): void {
    const classIndex = this.classes.indexOf(classId);
    checkLabel(label, "LabelTableBuilder", () => `sample ${JSON.stringify(sampleId)}, class ${classId}`);
    this.#log.push(this.addSample(sampleId), classIndex * 4 + label + 1);
  }

  /** As `add`, by positions: for readers that have their own tables of ids. */
  addAt(sample: number, classIndex: number, label: number): void {
    if (!isIndex(sample, this.#numSamples) || !isIndex(classIndex, this.classes.size)) {
      throw new CslError(
        "invalid-argument",
        `LabelTableBuilder: expected a sample below ${this.#numSamples} and a class below ${this.classes.size}, got ${sample} and ${classIndex}.`,
      );
    }
    checkLabel(label, "LabelTableBuilder", () => `sample ${sample}, class ${this.classes.ids[classIndex]}`);
    this.#log.push(sample, classIndex * 4 + label + 1);
  }

  /** The table of everything added so far. Samples keep the order in which they first came. */
  build(): LabelTable {
    const numSamples = this.#numSamples;
    const { offsets: starts, codes } = this.#log.byRow(numSamples);
    const code = entryCode(this.classes.size, this.#defaultLabel);
    const merge = duplicatePolicies[this.#duplicates];
    const offsets = new Uint32Array(numSamples + 1);
    let kept = 0;
    this.#conflicts = 0;
    this.#repeats = 0;
    for (let sample = 0; sample < numSamples; sample++) {
      const end = starts[sample + 1]!;
      sortByClass(codes, starts[sample]!, end);
      for (let i = starts[sample]!; i < end; ) {
        const classIndex = codes[i]! >>> 2;
        const first = i;
        let positive = false;
        let negative = false;
        let last: Label = Label.Unannotated;
        for (; i < end && codes[i]! >>> 2 === classIndex; i++) {
          last = ((codes[i]! & 3) - 1) as Label;
          positive ||= last === Label.Positive;
          negative ||= last === Label.Negative;
        }
        this.#repeats += i - first - 1;
        if (positive && negative) this.#conflicts++;
        const label = merge(positive, negative, last);
        // Written over the codes already read: a merged row is never longer than what it came from.
        if (label !== this.#defaultLabel) codes[kept++] = classIndex * 2 + (label === code.flagged ? 1 : 0);
      }
      offsets[sample + 1] = kept;
    }
    const entries = createEntries(code, kept);
    for (let i = 0; i < kept; i++) entries[i] = (codes[i]! >>> 1) + (codes[i]! & 1 ? code.flag : 0);
    const sampleIds = this.#added.length === 0 ? this.#known : [...this.#known, ...this.#added];
    return new LabelTable({
      classes: this.classes,
      sampleIds,
      defaultLabel: this.#defaultLabel,
      offsets,
      entries,
    });
  }
}

/** Sorts codes[start, end) by class, equal classes staying in their order of arrival. */
function sortByClass(codes: Uint32Array, start: number, end: number): void {
  if (end - start <= 64) {
    // Insertion: rows are short, and most come sorted.
    for (let i = start + 1; i < end; i++) {
      const code = codes[i]!;
      let j = i;
      for (; j > start && codes[j - 1]! >>> 2 > code >>> 2; j--) codes[j] = codes[j - 1]!;
      codes[j] = code;
    }
    return;
  }
  const row = Array.from(codes.subarray(start, end)).sort((a, b) => (a >>> 2) - (b >>> 2));
  codes.set(row, start);
}
