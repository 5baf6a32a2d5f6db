import { NumberColumn, type ReadBlocksOptions } from "@csl/label-files";
import { ClassList, Label, type LabelTable, LabelTableBuilder } from "@csl/labels";
import { csvRows } from "./csv-rows.js";
import { imageId } from "./image-id.js";
import type { RowProblem } from "./label-scanner.js";
import { parsePythonList } from "./python-list.js";

export interface ProcessedSplit {
  /** Samples are image ids where file names are such, else paths; in the order of the file. */
  table: LabelTable;
  /** [samples], relative paths as they are written. */
  fileNames: string[];
}

export interface ProcessedCsv {
  /** By the name in the last column: `train`, `val` (the test set, says the reference). */
  splits: Record<string, ProcessedSplit>;
  report: {
    rows: number;
    /** Rows of a picture that had one before, in the same split; their labels are merged. */
    repeatedPictures: number;
    /** Cells that are listed as positive and as negative: un-annotated. */
    contradictions: number;
    unknownClasses: { rows: number; classes: number; examples: { id: string; rows: number }[] };
    badRows: { count: number; examples: RowProblem[] };
  };
}

export interface ReadProcessedOptions extends ReadBlocksOptions {
  /** Labels of other classes are counted and left out. Default: all that occur, in the order of their ids. */
  classes?: ClassList;
}

interface Row {
  path: string;
  positives: string[];
  negatives: string[];
  split: string;
}

interface Collected {
  ids: Map<string, number>;
  fileNames: string[];
  /** A sample and a class number × 2 + label for every label. */
  samples: NumberColumn;
  cells: NumberColumn;
}

const EXAMPLES = 20;

/**
 * The reference authors' `data.csv`: path, positive MIDs, negative MIDs, split; or path, positives, split (the form of
 * their other data sets). Lists are Python literals. Columns go by position, whatever a header says; a first row
 * whose lists are no lists is the header.
 *
 * Single bad rows are left out and reported. @throws for a missing file, or when no row is usable.
 */
export async function readProcessedCsv(
  path: string,
  { classes, ...options }: ReadProcessedOptions = {},
): Promise<ProcessedCsv> {
  const report: ProcessedCsv["report"] = {
    rows: 0,
    repeatedPictures: 0,
    contradictions: 0,
    unknownClasses: { rows: 0, classes: 0, examples: [] },
    badRows: { count: 0, examples: [] },
  };
  const bad = (line: number, reason: string, text: string): void => {
    report.badRows.count++;
    if (report.badRows.examples.length < EXAMPLES) {
      report.badRows.examples.push({ path, line, reason, text: text.slice(0, 120) });
    }
  };
  // Without a class list the labels wait as numbers until all classes are known.
  const rows = new ProcessedRows(classes);
  const broken = (line: number, reason: string): void => bad(line, reason, "");
  for await (const { line, fields } of csvRows(path, { ...options, broken })) {
    const row = rowOf(fields);
    if (typeof row !== "string") {
      report.rows++;
      rows.add(row);
    } else if (line > 1 || fields[1]?.trim().startsWith("[")) {
      report.rows++;
      bad(line, row, fields.join(","));
    }
  }
  const splits = rows.build(report);
  if (Object.keys(splits).length === 0) {
    const [first] = report.badRows.examples;
    throw new Error(
      `readProcessedCsv: expected rows of path, positives, negatives, split in ${path}, got none${first ? ` (line ${first.line}: ${first.reason})` : ""}. Is it data.csv?`,
    );
  }
  return { splits, report };
}

function rowOf(fields: readonly string[]): Row | string {
  if (fields.length !== 3 && fields.length !== 4) return `${fields.length} columns instead of 4 or 3`;
  const path = fields[0]!.trim();
  const split = fields.at(-1)!.trim();
  if (path === "" || split === "") return `an empty ${path === "" ? "path" : "split"}`;
  try {
    const positives = parsePythonList(fields[1]!);
    const negatives = fields.length === 4 ? parsePythonList(fields[2]!) : [];
    return { path, positives, negatives, split };
  } catch (error) {
    return (error as Error).message;
  }
}

class ProcessedRows {
  readonly #classes: ClassList | undefined;
  readonly #splits: Map<string, Collected> = new Map();
  readonly #numbers: Map<string, number> = new Map();
  readonly #unknown: Map<string, number> = new Map();
  #repeated = 0;

  constructor(classes: ClassList | undefined) {
    this.#classes = classes;
  }

  add({ path, positives, negatives, split }: Row): void {
    let into = this.#splits.get(split);
    if (!into) {
      into = {
        ids: new Map(),
        fileNames: [],
        samples: new NumberColumn(Uint32Array),
        cells: new NumberColumn(Uint32Array),
      };
      this.#splits.set(split, into);
    }
    const id = imageId(path) ?? path;
    let sample = into.ids.get(id);
    if (sample === undefined) {
      sample = into.fileNames.push(path) - 1;
      into.ids.set(id, sample);
    } else this.#repeated++;
    for (const [ids, label] of [
      [positives, Label.Positive],
      [negatives, Label.Negative],
    ] as const) {
      for (const mid of ids) {
        const number = this.#number(mid);
        if (number < 0) continue;
        into.samples.push(sample);
        into.cells.push(number * 2 + label);
      }
    }
  }

  #number(mid: string): number {
    if (this.#classes) {
      if (this.#classes.has(mid)) return this.#classes.indexOf(mid);
      this.#unknown.set(mid, (this.#unknown.get(mid) ?? 0) + 1);
      return -1;
    }
    let number = this.#numbers.get(mid);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(mid, number);
    }
    return number;
  }

  build(report: ProcessedCsv["report"]): Record<string, ProcessedSplit> {
    const met = [...this.#numbers.keys()];
    const classes = this.#classes ?? ClassList.from([...met].sort().map((id) => ({ id, name: id })));
    const indexOf = (number: number): number => (this.#classes ? number : classes.indexOf(met[number]!));
    report.repeatedPictures = this.#repeated;
    const unknown = [...this.#unknown].map(([id, rows]) => ({ id, rows })).sort((a, b) => b.rows - a.rows);
    report.unknownClasses = {
      rows: unknown.reduce((sum, { rows }) => sum + rows, 0),
      classes: unknown.length,
      examples: unknown.slice(0, 10),
    };
    const splits: Record<string, ProcessedSplit> = {};
    for (const [split, { ids, fileNames, samples, cells }] of this.#splits) {
      const builder = new LabelTableBuilder(classes, { sampleIds: [...ids.keys()] });
      for (let i = 0; i < cells.length; i++) {
        builder.addAt(samples.at(i), indexOf(cells.at(i) >> 1), cells.at(i) & 1);
      }
      splits[split] = { table: builder.build(), fileNames };
      report.contradictions += builder.conflicts;
    }
    return splits;
  }
}
