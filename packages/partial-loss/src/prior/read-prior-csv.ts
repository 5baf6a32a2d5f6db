import { repeatedId } from "./prior.js";
import type { PriorReading } from "./read-prior.js";

/** A class as the model knows it. */
export interface PriorClass {
  readonly id: string;
  readonly name: string;
}

interface Row {
  line: number;
  key: string;
  value: number;
}

/** Rounding of a mean in float32 may step this far over 0 or 1; such a value is set to the bound. */
const ROUNDING = 1e-5;

/** Reads the reference's `Classes,avg_pred` file; see {@link readPrior}. */
export function readPriorCsv(text: string, classes?: readonly PriorClass[]): PriorReading {
  const repairs: string[] = [];
  const rows = parseRows(text, repairs);
  const keys = rows.map((row) => row.key);
  const twice = repeatedId(keys);
  if (!classes) {
    if (twice !== undefined)
      throw new Error(
        `readPrior: expected every class name once, got "${twice}" twice. Pass the class list ({ classes }) to tell them apart by position.`,
      );
    return { ids: keys, names: keys, values: valuesOf(rows), repairs };
  }
  const identity = {
    ids: classes.map(({ id }) => id),
    names: classes.map(({ name }) => name),
    repairs,
  };
  if (rows.length !== classes.length) throw new Error(lengthMessage(keys, classes));
  if (rows.every((row, i) => row.key === classes[i]!.name || row.key === classes[i]!.id)) {
    if (twice !== undefined)
      repairs.push(
        `repeated class names ("${twice}") kept by position: every row agrees with the class list`,
      );
    return { ...identity, values: valuesOf(rows) };
  }
  if (twice !== undefined)
    throw new Error(
      `readPrior: expected every class name once or the order of the class list, got "${twice}" twice in another order. Key the rows by class id.`,
    );
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const ordered = classes.map(({ id, name }) => byKey.get(id) ?? byKey.get(name));
  if (new Set(ordered).size !== rows.length || ordered.includes(undefined))
    throw new Error(lengthMessage(keys, classes));
  repairs.push("rows put into the order of the class list");
  return { ...identity, values: valuesOf(ordered as Row[]) };
}

/** The value as a probability; a rounding step over the bound is mended. */
export function checkedValue(where: string, value: unknown, repairs: string[]): number {
  if (typeof value !== "number" || !(value >= -ROUNDING && value <= 1 + ROUNDING))
    throw new Error(
      `readPrior: expected a prior in [0, 1] at ${where}, got ${JSON.stringify(value) ?? "nothing"}. A prior is a mean of probabilities.`,
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
      throw new Error(
        `readPrior: expected "class,number" in line ${line}, got ${JSON.stringify(content)}. Quote names that hold a comma.`,
      );
    rows.push({ line, key, value: checkedValue(`line ${line} (${key})`, Number(cells[1]), repairs) });
  });
  if (rows.length === 0)
    throw new Error("readPrior: expected at least one class, got a header line only. Write the prior again.");
  return rows;
}

const isNumber = (cell: string): boolean => cell.trim() !== "" && Number.isFinite(Number(cell));

/** Cells of one line; "a ""b"", c" is quoted as spreadsheets do. */
function splitCells(line: string): string[] {
  const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return cells.map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare!.trim());
}

const valuesOf = (rows: readonly Row[]): Float32Array => Float32Array.from(rows, (row) => row.value);

function lengthMessage(keys: readonly string[], classes: readonly PriorClass[]): string {
  const known = new Set(keys);
  const missing = classes.filter(({ id, name }) => !known.has(id) && !known.has(name));
  const wanted = new Set(classes.flatMap(({ id, name }) => [id, name]));
  const unknown = keys.filter((key) => !wanted.has(key));
  const some = (title: string, names: readonly string[]): string =>
    names.length === 0 ? "" : `; ${title}: ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}`;
  return (
    `readPrior: expected one value for each of ${classes.length} classes, got ${keys.length} rows` +
    some(
      "without a value",
      missing.map(({ name }) => name),
    ) +
    `${some("not among the classes", unknown)}. Estimate the prior with the class list you train with.`
  );
}
