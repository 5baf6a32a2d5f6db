import { type ClassList, hexSampleIds, type LabelTable, type SampleIds, sampleIdsFrom } from "@csl/labels";
import { parseImageId } from "../images/image-id.js";
import { buildTable, renumber } from "../label-files/build-table.js";
import { CellStore } from "../label-files/cell-store.js";
import { LabelSource, markOf } from "../label-files/label-mark.js";
import type { LabelReport } from "../label-files/label-report.js";
import type { RowProblem } from "../label-files/label-scanner.js";
import { mergeGroups } from "../label-files/merge-groups.js";
import { TextLog } from "./text-log.js";

/** The rows of one split. */
export interface ProcessedSplit {
  /** Samples are image ids where file names are such, else paths; in the order of the file. */
  table: LabelTable;
  /** [samples], relative paths as they are written. */
  fileNames: SampleIds;
}

/** All of a `data.csv`. */
export interface ProcessedCsv {
  /** By the name in the last column: `train`, `val` (the test set, says the reference). */
  splits: Record<string, ProcessedSplit>;
  report: {
    rows: number;
    /** Rows of an image that had one before, in the same split; their labels are merged. */
    repeatedImages: number;
    /** Cells that are listed as positive and as negative: un-annotated. */
    contradictions: number;
    unknownClasses: { rows: number; classes: number; examples: { id: string; rows: number }[] };
    badRows: { count: number; examples: RowProblem[] };
    /** As in {@link LabelReport}. */
    index?: LabelReport["index"];
  };
}

/** One split of a `data.csv` while it is read: a group of cells a row, rows numbered as they come. */
export class ProcessedSplitRows {
  readonly #store: CellStore = new CellStore("drop");
  readonly #paths: TextLog = new TextLog();
  /** [rows, 2], as long as every path holds an image id. */
  #words: Uint32Array = new Uint32Array(2048);
  #allIds = true;
  #rows = 0;

  /** Begins a row that has at most `labels` labels. */
  begin(path: string, labels: number): void {
    this.#store.reserve(labels + 1, 0);
    this.#store.begin(0, this.#rows);
    this.#paths.push(path);
    const id = parseImageId(path);
    if (id === undefined) this.#allIds = false;
    else if (this.#allIds) {
      if (this.#words.length < (this.#rows + 1) * 2) {
        const grown = new Uint32Array(this.#words.length * 2);
        grown.set(this.#words);
        this.#words = grown;
      }
      this.#words[this.#rows * 2] = Number.parseInt(id.slice(0, 8), 16);
      this.#words[this.#rows * 2 + 1] = Number.parseInt(id.slice(8), 16);
    }
    this.#rows++;
  }

  put(number: number, positive: boolean): void {
    this.#store.put(number, markOf(LabelSource.Verification, positive));
  }

  /** Samples in the order of the file, an image that is listed again where it first was. */
  build(
    classes: ClassList,
    met: readonly string[] | undefined,
  ): { table: LabelTable; fileNames: SampleIds; contradictions: number; repeated: number } {
    const paths = this.#paths.texts();
    const ids = this.#allIds
      ? hexSampleIds(this.#words.slice(0, this.#rows * 2))
      : sampleIdsFrom(Array.from(paths, (path) => parseImageId(path) ?? path));
    const store = this.#store;
    const first = new Uint32Array(this.#rows);
    let repeated = 0;
    for (let row = 0; row < this.#rows; row++) {
      const repeats = ids.isRepeat(row);
      first[row] = repeats ? ids.indexOf(ids.at(row)) : row;
      if (repeats) repeated++;
    }
    if (repeated > 0) {
      store.runs.length = 0;
      for (let row = 0; row < this.#rows; row++) {
        store.words[2 * row + 1] = first[row]!;
        if (row === 0 || first[row]! <= first[row - 1]!) store.runs.push(row);
      }
    }
    const merged = mergeGroups(store, "drop");
    if (met) renumber(merged, met);
    const rows = Array.from({ length: merged.groups }, (_, group) => merged.words[2 * group + 1]!);
    const { table, contradictions } = buildTable(merged, classes, repeated > 0 ? ids.select(rows) : ids);
    return { table, fileNames: repeated > 0 ? paths.select(rows) : paths, contradictions, repeated };
  }
}
