import { CslError } from "@csl/internal/errors/csl-error";
import { parseJson } from "@csl/internal/json/parse-json";
import type { CustomRow, TakeRow } from "./custom-cells.js";
import { type ClassCell, type IsClass, parseClassCell, parseClassItems } from "./parse-class-cell.js";
import { describeUnclear, noteNoValues, type ProblemLog } from "./problem-log.js";

const NEWLINE = 0x0a;
/** Bytes. A longer line is no image's labels: most likely a whole data set as one JSON object. */
const LONGEST_LINE = 1 << 24;
/** Misspelt keys that would be ignored, and their labels with them. */
const MISSPELT = ["positive", "negative"];

/** JSONL: an object a line. Blank lines count as lines and are ignored; a bad line is a problem, and reading continues. */
export async function readJsonlRows(
  blocks: AsyncIterable<Uint8Array>,
  take: TakeRow,
  problems: ProblemLog,
  isClass: IsClass,
): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  for await (const block of blocks) {
    // A copy: the block is only lent.
    const bytes = Buffer.concat([rest, block]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      readLine(bytes.toString("utf8", start, end), ++line, false);
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > LONGEST_LINE) {
      throw new CslError(
        "invalid-file",
        `expected one image a line, got more than ${LONGEST_LINE} bytes in line ${line + 1}. ` +
          "Is it a COCO or LVIS file? Those have readers of their own.",
      );
    }
  }
  if (rest.length > 0) readLine(rest.toString("utf8"), line + 1, true);

  function readLine(json: string, at: number, last: boolean): void {
    if (json.trim() === "") return;
    let value: unknown;
    try {
      value = parseJson(json);
    } catch (error) {
      problems.add(
        at,
        last ? "torn-line" : "bad-json",
        () => `expected a JSON object, got ${shown(json.trim())}: ${(error as Error).message}`,
      );
      return;
    }
    const row = parseRow(value, at);
    if (typeof row === "string") {
      problems.add(at, "bad-row", () => `expected ${row}, got ${shown(json.trim())}`);
      return;
    }
    const present = parseClasses(row.positives, isClass);
    const absent = parseClasses(row.negatives, isClass);
    if (typeof present === "string" || typeof absent === "string") {
      problems.add(at, "unclear", () =>
        describeUnclear(typeof present === "string" ? present : String(absent)),
      );
      return;
    }
    noteNoValues(problems, at, [present, absent]);
    take({ ...row, positives: present.ids, negatives: absent.ids });
  }
}

/** A row whose lists are still as the file has them. */
type WrittenRow = Omit<CustomRow, "positives" | "negatives"> & Record<"positives" | "negatives", Written>;
/** A list of texts, numbers and nulls, or a single one. */
type Written = string | readonly unknown[];

/** The row; or, as a text, what was expected. */
function parseRow(value: unknown, line: number): WrittenRow | string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "a JSON object";
  const misspelt = MISSPELT.find((key) => Object.hasOwn(value, key));
  if (misspelt) return `labels under "${misspelt}s"`;
  const { path, split } = value as Record<string, unknown>;
  if (typeof path !== "string") return 'a text under "path"';
  const [positives, negatives] = ["positives", "negatives"].map((key) =>
    written((value as Record<string, unknown>)[key]),
  );
  if (positives === undefined) return 'a list of class ids (texts, or numbers below 2^53) under "positives"';
  if (negatives === undefined)
    return 'a list of class ids (texts, or numbers below 2^53), or "*", under "negatives"';
  if (split !== undefined && split !== null && typeof split !== "string") return 'a text under "split"';
  return { line, path, positives, negatives, ...(split ? { split } : {}) };
}

/** Undefined for what is no list of class ids. Null, or left out: none. */
function written(value: unknown): Written | undefined {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") return value;
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.every((item) => item === null || isClassId(item)) ? items : undefined;
}

const parseClasses = (value: Written, isClass: IsClass): ClassCell | string =>
  typeof value === "string" ? parseClassCell(value, isClass) : parseClassItems(value, isClass);

/** A number beyond 2^53 is several ids; as a text, in quotes, it is one. */
const isClassId = (item: unknown): boolean =>
  typeof item === "string" || (typeof item === "number" && Math.abs(item) <= Number.MAX_SAFE_INTEGER);

const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
