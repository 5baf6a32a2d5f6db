import { CslError } from "@csl/internal/errors/csl-error";
import type { CellStore } from "./cell-store.js";
import { LabelSource, labelSource, markOf, Positive, sourceNames } from "./label-mark.js";
import type { LabelNames } from "./label-names.js";
import {
  type LabelColumns,
  type LabelRow,
  labelColumns,
  parseLabelRow,
  standardColumns,
} from "./label-row.js";
import { RowBytes } from "./row-bytes.js";

/** A row that was left out. */
export interface RowProblem {
  readonly path: string;
  /** From 1 on, the header included. */
  readonly line: number;
  readonly reason: string;
  readonly text: string;
}

export interface LabelScannerOptions {
  store: CellStore;
  names: LabelNames;
  /** Names with a number from here on are not wanted: counted, not stored. */
  wanted: number;
  /** Machine labels from this confidence on are positive; below, they say nothing. */
  machineThreshold: number;
}

const NEWLINE = 10;
/** Bytes of the shortest row: id, an empty source, a class of one letter, one digit. */
const SHORTEST = 22;
const LONGEST_LINE = 1 << 20;
const EXAMPLES = 20;

/**
 * Label rows out of bytes, without a string a row. A row of the form that OpenImages writes is read four bytes at a
 * time; whatever looks different (quotes, paths, another order of columns, CR, exponents) goes through
 * `parseLabelRow`, so that both ways accept the same files.
 */
export class LabelScanner {
  readonly bySource: Map<string, number> = new Map();
  readonly badRows: { count: number; examples: RowProblem[] } = { count: 0, examples: [] };
  readonly tornLines: RowProblem[] = [];
  /** Data rows, bad ones included. */
  rows = 0;
  belowThreshold = 0;
  /** Rows a class that is not wanted, by its number minus `wanted`. */
  readonly unwanted: number[] = [];
  readonly #options: LabelScannerOptions;
  readonly #known: Float64Array = new Float64Array(3);
  readonly #row: RowBytes = new RowBytes();
  #path = "";
  #line = 0;
  #columns: LabelColumns = standardColumns;
  #carry: Buffer = Buffer.alloc(0);

  constructor(options: LabelScannerOptions) {
    this.#options = options;
  }

  beginFile(path: string): void {
    this.#path = path;
    this.#line = 0;
    this.#carry = Buffer.alloc(0);
  }

  /** Takes the next bytes of the file; a line cut by their end waits for the next ones. `share`: of all files, scanned before. */
  push(block: Buffer, share: number): void {
    this.#options.store.reserve(Math.ceil((block.length + this.#carry.length) / SHORTEST) + 2, share);
    let from = 0;
    if (this.#carry.length > 0) {
      from = block.indexOf(NEWLINE) + 1;
      const head = from === 0 ? block : block.subarray(0, from);
      this.#carry = Buffer.concat([this.#carry, head]);
      if (this.#carry.length > LONGEST_LINE) {
        throw new CslError(
          "invalid-file",
          `expected rows of text, got a line beyond ${LONGEST_LINE} bytes. Is it the right file?`,
        );
      }
      if (from === 0) return;
      this.#scan(this.#carry, 0, this.#carry.length);
    }
    const to = block.lastIndexOf(NEWLINE) + 1;
    this.#scan(block, from, to);
    // Copied: the block's memory is the reader's.
    this.#carry = Buffer.from(block.subarray(Math.max(from, to)));
  }

  /** A last line without its newline is taken where it is a whole row, else reported as torn. */
  endFile(): void {
    if (this.#carry.length > 0) this.#lastLine(this.#carry.toString("utf8"));
    if (this.#line === 0) {
      throw new CslError("invalid-file", "expected label rows, got an empty file. Download it again.");
    }
    this.#carry = Buffer.alloc(0);
    for (const [rank, count] of this.#known.entries()) this.#count(sourceNames[rank]!, count);
    this.#known.fill(0);
  }

  /** A line that no newline ends. */
  #lastLine(line: string): void {
    const bad = this.badRows.count;
    const [last] = this.badRows.examples.slice(-1);
    // "0." is a number to JavaScript, and would pass for a label of no confidence.
    const isCut = /,\s*\d\.$/.test(line);
    if (isCut) this.#line++;
    else this.#slowRow(line);
    if (this.badRows.count > bad) {
      if (this.badRows.examples.at(-1) !== last) this.badRows.examples.pop();
      this.badRows.count--;
      this.rows--;
    } else if (!isCut) return;
    const text = line.slice(0, 120);
    this.tornLines.push({ path: this.#path, line: this.#line, reason: "cut off", text });
  }

  #count(source: string, rows: number): void {
    if (rows > 0) this.bySource.set(source, (this.bySource.get(source) ?? 0) + rows);
  }

  /** Whole lines: `block[to - 1]` is a newline. */
  #scan(block: Buffer, from: number, to: number): void {
    const { store, names, wanted, machineThreshold } = this.#options;
    const row = this.#row;
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    const fastEnd = Math.min(to, block.length - RowBytes.reach);
    for (let at = from; at < to; ) {
      // Another order of columns, or the first line, a header most likely.
      const slow = at >= fastEnd || this.#columns !== standardColumns || this.#line === 0;
      if (slow || !row.read(block, view, at)) {
        const end = block.indexOf(NEWLINE, at);
        this.#slowRow(block.toString("utf8", at, end));
        at = end + 1;
        continue;
      }
      at = row.end;
      this.#line++;
      this.rows++;
      this.#known[row.source]!++;
      store.begin(row.upper, row.lower);
      const number = names.numberOfWords(row.w0, row.w1, row.w2, row.w3);
      if (number >= wanted) this.#unwanted(number - wanted);
      else if (row.source !== LabelSource.Machine) store.put(number, (row.source << 1) | row.confidence);
      else if (row.confidence >= machineThreshold) store.put(number, Positive);
      else this.belowThreshold++;
    }
  }

  #slowRow(written: string): void {
    const { store, names, wanted, machineThreshold } = this.#options;
    this.#line++;
    const line = (this.#line === 1 ? written.replace(/^\uFEFF/, "") : written).replace(/\r$/, "");
    if (this.#line === 1 && this.#header(line)) return;
    if (line.trim() === "") return;
    this.rows++;
    const row = parseLabelRow(line, this.#columns);
    if (typeof row === "string") {
      this.#bad(row, line);
      return;
    }
    const rank = labelSource(row.source);
    const machine = rank === LabelSource.Machine;
    if (!machine && row.confidence !== 0 && row.confidence !== 1) {
      this.#bad("a person's confidence that is neither 0 nor 1", line);
      return;
    }
    this.#count(row.source, 1);
    store.begin(row.upper, row.lower);
    const number = names.number(row.label);
    if (number >= wanted) this.#unwanted(number - wanted);
    else if (!machine) store.put(number, markOf(rank, row.confidence === 1));
    else if (row.confidence >= machineThreshold) store.put(number, markOf(rank, true));
    else this.belowThreshold++;
  }

  /** Whether the first line is a header; a file without one is taken in the standard order. */
  #header(line: string): boolean {
    this.#columns = standardColumns;
    const columns = labelColumns(line);
    if (columns) {
      const { id, source, label, confidence, count } = columns;
      const standard = id === 0 && source === 1 && label === 2 && confidence === 3 && count === 4;
      this.#columns = standard ? standardColumns : columns;
      return true;
    }
    const row: LabelRow | string = parseLabelRow(line, standardColumns);
    if (typeof row !== "string") return false;
    throw new CslError(
      "invalid-file",
      `expected the columns ImageID,Source,LabelName,Confidence, got ${JSON.stringify(line.slice(0, 80))}. Is it a file of image-level labels?`,
    );
  }

  #bad(reason: string, line: string): void {
    this.badRows.count++;
    if (this.badRows.examples.length < EXAMPLES) {
      this.badRows.examples.push({ path: this.#path, line: this.#line, reason, text: line.slice(0, 120) });
    }
  }

  #unwanted(index: number): void {
    this.unwanted[index] = (this.unwanted[index] ?? 0) + 1;
  }
}
