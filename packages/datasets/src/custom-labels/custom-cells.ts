import { NumberColumn } from "@csl/internal/json/number-column";
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
  readonly #samples: NumberColumn = new NumberColumn(Uint32Array);
  /** Class number × 2, + 1 for a positive. */
  readonly #cells: NumberColumn = new NumberColumn(Uint32Array);
  /** 1: all other classes are absent. */
  readonly #complete: NumberColumn = new NumberColumn(Uint8Array);
  readonly #lineOf = new Map<string, number>();

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
    const first = this.#lineOf.get(path);
    if (first !== undefined) {
      const other = split === "" ? "" : ` (split ${split})`;
      problems.add(
        line,
        "repeated-path",
        () => `${JSON.stringify(path)}${other} is in line ${first} already`,
      );
      return;
    }
    this.#lineOf.set(path, line);
    const sample = this.paths.push(path) - 1;
    this.lines.push(line);
    this.#splits.push(split);
    const complete = negatives.includes(REST);
    this.#complete.push(complete ? 1 : 0);
    if (positives.length === 0 && negatives.length === 0) {
      problems.add(line, "no-labels", () => `${JSON.stringify(path)} has neither positives nor negatives`);
    }
    for (const id of positives) this.#add(line, sample, id, 1);
    for (const id of negatives) {
      if (id === REST) continue;
      if (positives.includes(id)) {
        problems.add(line, "both-lists", () => `${JSON.stringify(id)} is in positives and in negatives`);
      }
      this.#add(line, sample, id, 0);
    }
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
    const samples = this.paths.length;
    let complete = 0;
    for (let sample = 0; sample < samples; sample++) complete += this.#complete.at(sample);
    const defaultLabel = complete * 2 > samples ? Label.Negative : Label.Unannotated;
    const builder = new LabelTableBuilder(classes, {
      defaultLabel,
      duplicates: "drop",
      sampleIds: this.paths,
    });
    const state = new Int8Array(classes.size);
    for (let sample = 0, i = 0; sample < samples; sample++) {
      const rest = this.#complete.at(sample) === 1 ? Label.Negative : Label.Unannotated;
      if (rest !== defaultLabel) {
        // The cells that are not named below.
        state.fill(1);
        for (let j = i; j < this.#samples.length && this.#samples.at(j) === sample; j++) {
          state[this.#cells.at(j) >>> 1] = 0;
        }
        for (let c = 0; c < classes.size; c++) if (state[c] === 1) builder.addAt(sample, c, rest);
      }
      for (; i < this.#samples.length && this.#samples.at(i) === sample; i++) {
        const cell = this.#cells.at(i);
        builder.addAt(sample, cell >>> 1, cell & 1 ? Label.Positive : Label.Negative);
      }
    }
    return builder.build();
  }

  #add(line: number, sample: number, id: string, positive: 0 | 1): void {
    const number = this.#classNumber(id);
    if (number < 0) {
      this.#problems.add(line, "unknown-class", () => this.#classes!.describeUnknown(id));
      return;
    }
    this.#samples.push(sample);
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

/** One form for a path however it was written: "/" between the parts (Windows writes "\\"), no "./" before it. */
function plainPath(path: string): string {
  return path
    .trim()
    .replaceAll("\\", "/")
    .replace(/^(?:\.\/+)+/, "");
}
