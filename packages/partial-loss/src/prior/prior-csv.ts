import { CslError } from "@csl/internal/errors/csl-error";
import { firstFew, type Prior, repeatedId } from "./prior.js";

/** A class as the model knows it. */
export interface PriorClass {
  readonly id: string;
  readonly name: string;
}

/** A prior and what had to be repaired to read it, in words; empty when nothing was. */
export interface ParsedPrior extends Prior {
  readonly repairs: readonly string[];
}

/** The error of `parsePrior` for a text that cannot be used. */
export function invalidFile(message: string, options?: { cause: unknown }): CslError {
  return new CslError("invalid-file", `parsePrior: ${message}`, options);
}

interface Row {
  line: number;
  key: string;
  value: number;
}

/** Rounding of a mean in float32 may step this far over 0 or 1; such a value is set to the bound. */
const rounding = 1e-5;

/** Parses the reference's `Classes,avg_pred` file; see `parsePrior`. */
export function parsePriorCsv(text: string, classes?: readonly PriorClass[]): ParsedPrior {
  const repairs: string[] = [];
  const rows = parseRows(text, repairs);
  const keys = rows.map((row) => row.key);
  const repeated = repeatedId(keys);
  if (!classes) {
    if (repeated !== undefined)
      throw invalidFile(
        `expected every class name once, got "${repeated}" twice. Pass the class list ({ classes }) to tell them apart by position.`,
      );
    return { ids: keys, names: keys, values: rowValues(rows), repairs };
  }
  const identity = {
    ids: classes.map(({ id }) => id),
    names: classes.map(({ name }) => name),
    repairs,
  };
  if (rows.length !== classes.length) throw differentClasses(keys, classes);
  if (rows.every((row, i) => row.key === classes[i]!.name || row.key === classes[i]!.id)) {
    if (repeated !== undefined)
      repairs.push(
        `repeated class names ("${repeated}") kept by position: every row agrees with the class list`,
      );
    return { ...identity, values: rowValues(rows) };
  }
  if (repeated !== undefined)
    throw invalidFile(
      `expected every class name once or the order of the class list, got "${repeated}" twice in another order. Key the rows by class id.`,
    );
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const ordered = classes.map(({ id, name }) => byKey.get(id) ?? byKey.get(name));
  if (new Set(ordered).size !== rows.length || ordered.includes(undefined))
    throw differentClasses(keys, classes);
  repairs.push("rows put into the order of the class list");
  return { ...identity, values: rowValues(ordered as Row[]) };
}

/** The value as a probability; a rounding step over the bound is repaired. */
export function checkedValue(where: string, value: unknown, repairs: string[]): number {
  if (typeof value !== "number" || !(value >= -rounding && value <= 1 + rounding))
    throw invalidFile(
      `expected a prior in [0, 1] at ${where}, got ${JSON.stringify(value) ?? "nothing"}. A prior is a mean of probabilities.`,
    );
  const bounded = Math.min(1, Math.max(0, value));
  if (bounded !== value) repairs.push(`${where}: ${value} set to ${bounded}, off by rounding`);
  return bounded;
}

function parseRows(text: string, repairs: string[]): Row[] {
  const lines = text.split(/\r?\n/);
  const rows: Row[] = [];
  lines.forEach((content, i) => {
    if (content.trim() === "") return;
    const line = i + 1;
    const cells = splitCells(content);
    const key = cells[0]!;
    if (line === 1) {
      if (cells.length === 2 && !isNumber(cells[1]!)) return; // the header; its names carry no meaning
      repairs.push("line 1: read as a class, there is no header line");
    }
    if (cells.length === 1 && i === lines.length - 1 && rows.length > 0) {
      repairs.push(`line ${line}: dropped "${key}", a last line without a value`);
      return;
    }
    if (cells.length !== 2 || !isNumber(cells[1]!))
      throw invalidFile(
        `expected "class,number" in line ${line}, got ${JSON.stringify(content)}. Quote names that hold a comma.`,
      );
    rows.push({ line, key, value: checkedValue(`line ${line} (${key})`, Number(cells[1]), repairs) });
  });
  if (rows.length === 0)
    throw invalidFile("expected at least one class, got a header line only. Write the prior again.");
  return rows;
}

const isNumber = (cell: string): boolean => cell.trim() !== "" && Number.isFinite(Number(cell));

/** Cells of one line; "a ""b"", c" is quoted as spreadsheets do. */
function splitCells(line: string): string[] {
  const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return cells.map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare!.trim());
}

const rowValues = (rows: readonly Row[]): Float32Array => Float32Array.from(rows, (row) => row.value);

function differentClasses(keys: readonly string[], classes: readonly PriorClass[]): CslError {
  const known = new Set(keys);
  const missing = classes.filter(({ id, name }) => !known.has(id) && !known.has(name));
  const wanted = new Set(classes.flatMap(({ id, name }) => [id, name]));
  const unknown = keys.filter((key) => !wanted.has(key));
  const missingNames = missing.map(({ name }) => name);
  return new CslError(
    "mismatch",
    `parsePrior: expected one value for each of ${classes.length} classes, got ${keys.length} rows` +
      `${firstFew("; without a value", missingNames)}${firstFew("; not among the classes", unknown)}. ` +
      "Estimate the prior with the class list you train with.",
  );
}
