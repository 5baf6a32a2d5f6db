import { Sha256 } from "@csl/internal/bytes/sha256";
import { CslError } from "@csl/internal/errors/csl-error";
import { checkLabel, type Label } from "@csl/internal/labels/label";
import type { ClassList } from "./class-list.js";
import { createEntries, type Entries, type EntryCode, entryCode } from "./entry-code.js";
import { isIndex } from "./is-index.js";
import { sampleIdsFrom } from "./sample-ids/pack-ids.js";
import type { SampleIds } from "./sample-ids/sample-ids.js";

/** What a table is made of. `entries` of sample i are `offsets[i]` … `offsets[i + 1]`, class indices ascending. */
export interface LabelTableParts {
  readonly classes: ClassList;
  readonly sampleIds: readonly string[] | SampleIds;
  readonly defaultLabel: Label;
  /** [samples + 1] */
  readonly offsets: Uint32Array;
  /** Coded cells, see `entryCode`; Uint16 up to 32,768 classes, else Uint32. */
  readonly entries: Entries;
}

/**
 * The labels of many samples over many classes, stored as sparse rows (CSR): a cell that is not listed holds
 * `defaultLabel`: un-annotated for OpenImages and LVIS, negative for fully annotated COCO. 9 million samples ×
 * 9,605 classes with 57.5 million labels take 36 MB of offsets, 115 MB of cells and 72 MB of ids.
 *
 * Immutable. Built by `LabelTableBuilder`, `labelTableFromDense`, `parseLabelTable`.
 */
export class LabelTable {
  readonly classes: ClassList;
  readonly sampleIds: SampleIds;
  readonly defaultLabel: Label;
  readonly offsets: Uint32Array;
  readonly entries: Entries;
  readonly #code: EntryCode;
  #hash: string | undefined;

  /** @throws when the parts do not fit together (lengths, order, class indices). */
  constructor({ classes, sampleIds, defaultLabel, offsets, entries }: LabelTableParts) {
    this.classes = classes;
    this.sampleIds = sampleIdsFrom(sampleIds);
    this.defaultLabel = checkLabel(defaultLabel, "LabelTable", () => "defaultLabel");
    this.offsets = offsets;
    this.entries = entries;
    this.#code = entryCode(classes.size, defaultLabel);
    this.#validate();
  }

  get numSamples(): number {
    return this.sampleIds.length;
  }

  get numClasses(): number {
    return this.classes.size;
  }

  /** The stored cells of one sample, class indices ascending; every class not listed has `defaultLabel`. */
  row(sample: number): { classes: Uint32Array; labels: Int8Array } {
    this.#checkSample(sample);
    const start = this.offsets[sample]!;
    const length = this.offsets[sample + 1]! - start;
    const classes = new Uint32Array(length);
    const labels = new Int8Array(length);
    const { flag, plain, flagged } = this.#code;
    for (let i = 0; i < length; i++) {
      const entry = this.entries[start + i]!;
      classes[i] = entry & ~flag;
      labels[i] = (entry & flag) === 0 ? plain : flagged;
    }
    return { classes, labels };
  }

  label(sample: number, classIndex: number): Label {
    this.#checkSample(sample);
    if (!isIndex(classIndex, this.numClasses)) {
      throw new CslError(
        "invalid-argument",
        `LabelTable: expected a class index below ${this.numClasses}, got ${classIndex}.`,
      );
    }
    const at = this.findEntry(sample, classIndex);
    if (at < 0) return this.defaultLabel;
    const { flag, plain, flagged } = this.#code;
    return (this.entries[at]! & flag) === 0 ? plain : flagged;
  }

  /** The position in `entries` of a stored cell; -1 when the cell is not listed, so holds the default. */
  findEntry(sample: number, classIndex: number): number {
    const { flag } = this.#code;
    let low = this.offsets[sample]!;
    let high = this.offsets[sample + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = (this.entries[middle]! & ~flag) >>> 0;
      if (found === classIndex) return middle;
      if (found < classIndex) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  /** Writes the whole row of a sample, [classes] labels, into `out` from `offset` on. No allocation. */
  fillRow(sample: number, out: Int8Array | Float32Array, offset = 0): void {
    this.#checkSample(sample);
    const { numClasses, entries } = this;
    if (!isIndex(offset, out.length - numClasses + 1)) {
      throw new CslError(
        "invalid-argument",
        `LabelTable: expected room for ${numClasses} labels from ${offset} on, got an array of ${out.length}.`,
      );
    }
    const { flag, plain, flagged } = this.#code;
    out.fill(this.defaultLabel, offset, offset + numClasses);
    const end = this.offsets[sample + 1]!;
    for (let i = this.offsets[sample]!; i < end; i++) {
      const entry = entries[i]!;
      out[offset + ((entry & ~flag) >>> 0)] = (entry & flag) === 0 ? plain : flagged;
    }
  }

  /** The rows of `samples` one after another: [samples, classes]. */
  dense(samples: ArrayLike<number>): Int8Array {
    const out = new Int8Array(samples.length * this.numClasses);
    for (let i = 0; i < samples.length; i++) this.fillRow(samples[i]!, out, i * this.numClasses);
    return out;
  }

  /** Calls `visit` for every stored cell, samples and then classes ascending. The fast way through a table. */
  forEachEntry(visit: (sample: number, classIndex: number, label: Label) => void): void {
    const { flag, plain, flagged } = this.#code;
    for (let sample = 0, i = 0; sample < this.numSamples; sample++) {
      for (const end = this.offsets[sample + 1]!; i < end; i++) {
        const entry = this.entries[i]!;
        visit(sample, (entry & ~flag) >>> 0, (entry & flag) === 0 ? plain : flagged);
      }
    }
  }

  /** The table of these samples in this order; a sample may be taken more than once. */
  select(samples: ArrayLike<number>): LabelTable {
    const offsets = new Uint32Array(samples.length + 1);
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i]!;
      this.#checkSample(sample);
      offsets[i + 1] = offsets[i]! + this.offsets[sample + 1]! - this.offsets[sample]!;
    }
    const chosen = createEntries(this.#code, offsets[samples.length]!);
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i]!;
      chosen.set(this.entries.subarray(this.offsets[sample]!, this.offsets[sample + 1]!), offsets[i]!);
    }
    const { classes, defaultLabel } = this;
    const sampleIds = this.sampleIds.select(samples);
    return new LabelTable({ classes, defaultLabel, sampleIds, offsets, entries: chosen });
  }

  /** The position of a sample (the first, should the id repeat). @throws for an unknown id. */
  indexOfSample(id: string): number {
    const index = this.sampleIds.indexOf(id);
    if (index >= 0) return index;
    throw new CslError(
      "not-found",
      `LabelTable: unknown sample ${JSON.stringify(id)} among ${this.numSamples}; ids look like ${JSON.stringify(this.numSamples > 0 ? this.sampleIds.at(0) : "")}.`,
    );
  }

  /** SHA-256 (hex) over class ids, sample ids, default and cells. Display names do not count. */
  hash(): string {
    if (this.#hash === undefined) {
      const sum = new Sha256();
      sum.update(`csl label table 1\n${this.classes.hash()}\n${this.defaultLabel}\n${this.numSamples}\n`);
      // In blocks: one string of nine million ids would exceed what V8 allows.
      for (let i = 0; i < this.numSamples; i += 4096) {
        const block = Math.min(4096, this.numSamples - i);
        sum.update(JSON.stringify(Array.from({ length: block }, (_, j) => this.sampleIds.at(i + j))));
      }
      this.#hash = sum.update(this.offsets).update(this.entries).hex();
    }
    return this.#hash;
  }

  #checkSample(sample: number): void {
    if (!isIndex(sample, this.numSamples)) {
      throw new CslError(
        "invalid-argument",
        `LabelTable: expected a sample index below ${this.numSamples}, got ${sample}.`,
      );
    }
  }

  #validate(): void {
    const { offsets, entries, numSamples, numClasses } = this;
    const { flag, bytes } = this.#code;
    const wrong = (what: string): CslError =>
      new CslError("invalid-argument", `LabelTable: ${what}. Build tables with LabelTableBuilder.`);
    if (offsets.length !== numSamples + 1 || offsets[0] !== 0) {
      throw wrong(`expected ${numSamples + 1} offsets from 0 on, got ${offsets.length}`);
    }
    if (offsets[numSamples] !== entries.length) {
      throw wrong(`expected ${offsets[numSamples]} entries (the last offset), got ${entries.length}`);
    }
    if (entries.BYTES_PER_ELEMENT !== bytes) {
      throw wrong(
        `expected entries of ${bytes} bytes for ${numClasses} classes, got ${entries.BYTES_PER_ELEMENT}`,
      );
    }
    for (let sample = 0; sample < numSamples; sample++) {
      const end = offsets[sample + 1]!;
      let previous = -1;
      if (end < offsets[sample]! || end > entries.length) throw wrong(`offsets fall at sample ${sample}`);
      for (let i = offsets[sample]!; i < end; i++) {
        const found = (entries[i]! & ~flag) >>> 0;
        if (found <= previous || found >= numClasses) {
          throw wrong(
            `expected ascending class indices below ${numClasses} in sample ${sample}, got ${found}`,
          );
        }
        previous = found;
      }
    }
  }
}
