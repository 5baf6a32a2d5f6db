import { NumberColumn } from "@csl/internal/json/number-column";
import { plainPath } from "@csl/internal/text/plain-path";
import { ClassList, Label, type LabelTable, LabelTableBuilder } from "@csl/labels";
import type { ProblemLog } from "./problem-log.js";

/** One image of a custom label file, as the file has it. */
export interface CustomRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly path: string;
  readonly positives: readonly string[];
  /** `*` among them: all other classes are absent. */
  readonly negatives: readonly string[];
  readonly split?: string;
}

export type TakeRow = (row: CustomRow) => void;

/** "All other classes are absent", in a list of negatives. */
const REST = "*";

/** Collects the labels of custom rows; knows the classes beforehand or numbers them as they appear. */
export class CustomCells {
  readonly paths: string[] = [];
  readonly lines: NumberColumn = new NumberColumn(Uint32Array);
  readonly #splits: string[] = [];
  readonly #classes: ClassList | undefined;
  readonly #problems: ProblemLog;
  readonly #numbers = new Map<string, number>();
  /** Row of each cell. */
  readonly #rowOf: NumberColumn = new NumberColumn(Uint32Array);
  /** Sample of each row. */
  readonly #samples: NumberColumn = new NumberColumn(Uint32Array);
  /** Class number × 2, + 1 for a positive. */
  readonly #cells: NumberColumn = new NumberColumn(Uint32Array);
  /** 1: all other classes are absent. */
  readonly #complete: NumberColumn = new NumberColumn(Uint8Array);
  /** By the path in one form. */
  readonly #sampleOf = new Map<string, number>();
  /** Further rows of a sample, as their numbers. */
  readonly #furtherRows = new Map<number, number[]>();
  #rows = 0;

  constructor(classes: ClassList | undefined, problems: ProblemLog) {
    this.#classes = classes;
    this.#problems = problems;
  }

  take({ line, path: written, positives, negatives, split = "" }: CustomRow): void {
    const problems = this.#problems;
    const path = plainPath(written);
    if (path === "") {
      problems.add(line, "no-path", () => "expected a path, got none");
      return;
    }
    if (path.includes("\ufffd") || positives.some(damaged) || negatives.some(damaged)) {
      problems.add(
        line,
        "encoding",
        () =>
          `expected text, got ${JSON.stringify(written)} with characters that another program has lost (U+FFFD). Write the file again, as UTF-8`,
      );
    }
    if (positives.includes(REST)) {
      problems.add(
        line,
        "bad-row",
        () => `expected class ids in positives, got "*", which negatives may have`,
      );
      return;
    }
    const key = path.normalize("NFC");
    const known = this.#sampleOf.get(key);
    const sample = known ?? this.paths.push(path) - 1;
    if (known === undefined) {
      this.#sampleOf.set(key, sample);
      this.lines.push(line);
      this.#splits.push(split);
    } else if (this.#splits[known] !== split) {
      const other = this.#splits[known] || "none";
      problems.add(
        line,
        "other-split",
        () =>
          `${JSON.stringify(path)} (split ${split || "none"}) is in line ${this.lines.at(known)} already (split ${other})`,
      );
      return;
    } else {
      problems.add(
        line,
        "repeated-path",
        () => `${JSON.stringify(path)} is in line ${this.lines.at(known)} already`,
      );
      this.#furtherRows.set(sample, [...(this.#furtherRows.get(sample) ?? []), this.#rows]);
    }
    const row = this.#rows++;
    this.#samples.push(sample);
    const complete = negatives.includes(REST);
    this.#complete.push(complete ? 1 : 0);
    if (positives.length === 0 && negatives.length === 0) {
      problems.add(line, "no-labels", () => `${JSON.stringify(path)} has neither positives nor negatives`);
    }
    for (const id of positives) this.#add(line, row, id, 1);
    for (const id of negatives) {
      if (id === REST) continue;
      if (positives.includes(id)) {
        problems.add(line, "both-lists", () => `${JSON.stringify(id)} is in positives and in negatives`);
      }
      this.#add(line, row, id, 0);
    }
  }

  /** Numbers classes in this order, before their first label. Returns which are known; the others are a problem each. */
  knowClasses(ids: readonly string[], line: number): boolean[] {
    return ids.map((id) => {
      const known = this.#classNumber(id) >= 0;
      if (!known) this.#problems.add(line, "unknown-class", () => this.#classes!.describeUnknown(id));
      return known;
    });
  }

  /** [samples]; undefined when no row names a split. */
  get splits(): string[] | undefined {
    return this.#splits.some((split) => split !== "") ? this.#splits : undefined;
  }

  /**
   * A row with "*" fills all of its classes, so that the default label is what most rows leave open: negative where
   * most are complete, else un-annotated.
   */
  build(): LabelTable {
    const classes =
      this.#classes ?? ClassList.from(Array.from(this.#numbers.keys(), (id) => ({ id, name: id })));
    const rows = this.#rows;
    let complete = 0;
    for (let row = 0; row < rows; row++) complete += this.#complete.at(row);
    const defaultLabel = complete * 2 > rows ? Label.Negative : Label.Unannotated;
    const builder = new LabelTableBuilder(classes, {
      defaultLabel,
      duplicates: "drop",
      sampleIds: this.paths,
    });
    /** Where the cells of each row begin; known only where a sample has several. */
    const starts = this.#furtherRows.size > 0 ? new Uint32Array(rows + 1) : undefined;
    const named = new Uint8Array(classes.size);
    for (let row = 0, start = 0, end = 0; row < rows; row++, start = end) {
      while (end < this.#rowOf.length && this.#rowOf.at(end) === row) end++;
      if (starts) starts[row + 1] = end;
      const sample = this.#samples.at(row);
      if (this.#furtherRows.has(sample)) continue;
      const isComplete = this.#complete.at(row) === 1;
      if (isComplete !== (defaultLabel === Label.Negative)) {
        named.fill(0);
        for (let i = start; i < end; i++) named[this.#cells.at(i) >>> 1] = 1;
        this.#addRest(builder, sample, { named, isComplete, defaultLabel });
      }
      for (let i = start; i < end; i++) this.#addCell(builder, sample, i);
    }
    if (starts) this.#addSeveral(builder, starts, defaultLabel);
    return builder.build();
  }

  /** Samples with several rows: what is in any list counts; what none names is absent where one row says so of all others. */
  #addSeveral(builder: LabelTableBuilder, starts: Uint32Array, defaultLabel: Label): void {
    const rowsOf = new Map<number, number[]>();
    for (let row = 0; row < this.#rows; row++) {
      const sample = this.#samples.at(row);
      if (this.#furtherRows.has(sample)) rowsOf.set(sample, [...(rowsOf.get(sample) ?? []), row]);
    }
    const named = new Uint8Array(builder.classes.size);
    for (const [sample, rows] of rowsOf) {
      named.fill(0);
      const cells = rows.flatMap((row) =>
        Array.from({ length: starts[row + 1]! - starts[row]! }, (_, i) => starts[row]! + i),
      );
      for (const cell of cells) {
        const bit = this.#cells.at(cell) & 1 ? 2 : 1;
        const index = this.#cells.at(cell) >>> 1;
        if (named[index] !== 0 && named[index] !== bit && named[index] !== 3)
          this.#problems.add(
            this.lines.at(sample),
            "both-lists",
            () =>
              `${JSON.stringify(builder.classes.ids[index])} is positive and negative in the rows of ${JSON.stringify(this.paths[sample])}`,
          );
        named[index]! |= bit;
        this.#addCell(builder, sample, cell);
      }
      const isComplete = rows.some((row) => this.#complete.at(row) === 1);
      this.#addRest(builder, sample, { named, isComplete, defaultLabel });
    }
  }

  /** The cells of a sample that no list names, where they are not what the table holds by default. */
  #addRest(
    builder: LabelTableBuilder,
    sample: number,
    { named, isComplete, defaultLabel }: { named: Uint8Array; isComplete: boolean; defaultLabel: Label },
  ): void {
    const rest = isComplete ? Label.Negative : Label.Unannotated;
    if (rest === defaultLabel) return;
    for (let index = 0; index < named.length; index++)
      if (named[index] === 0) builder.addAt(sample, index, rest);
  }

  #addCell(builder: LabelTableBuilder, sample: number, cell: number): void {
    const code = this.#cells.at(cell);
    builder.addAt(sample, code >>> 1, code & 1 ? Label.Positive : Label.Negative);
  }

  #add(line: number, row: number, id: string, positive: 0 | 1): void {
    const number = this.#classNumber(id);
    if (number < 0) {
      this.#problems.add(line, "unknown-class", () => this.#classes!.describeUnknown(id));
      return;
    }
    this.#rowOf.push(row);
    this.#cells.push(number * 2 + positive);
  }

  #classNumber(id: string): number {
    if (this.#classes) return this.#classes.has(id) ? this.#classes.indexOf(id) : -1;
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(id, number);
    }
    return number;
  }
}

const damaged = (text: string): boolean => text.includes("\ufffd");
