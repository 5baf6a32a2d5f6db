import { createHash } from "node:crypto";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { errorAbout } from "@csl/internal/errors/error-about";
import { cached } from "@csl/internal/files/cached";
import { fileKey } from "@csl/internal/files/file-key";
import type { ReadBlocksOptions } from "@csl/internal/files/read-blocks";
import { ClassList } from "@csl/labels";
import { csvRows } from "../csv-rows.js";
import { LabelNames } from "../label-files/label-names.js";
import { decodeProcessed, encodeProcessed } from "./processed-index.js";
import { type ProcessedCsv, ProcessedSplitRows } from "./processed-split.js";
import { parsePythonList } from "./python-list.js";

export interface ReadProcessedOptions extends ReadBlocksOptions {
  /** Labels of other classes are counted and left out. Default: all that occur, in the order of their ids. */
  classes?: ClassList;
  /** Keep an index next to the file; the next start loads it, as long as the file has not changed. */
  index?: boolean;
}

interface Row {
  path: string;
  positives: string[];
  negatives: string[];
  split: string;
}

const EXAMPLES = 20;
/** Part of the index's variant: to be changed with what is written there, or how rows are understood. */
const FORM = "openimages processed 1";

/**
 * The reference authors' `data.csv`: path, positive MIDs, negative MIDs, split; or path, positives, split (the form of
 * their other data sets). Lists are Python literals. Columns go by position, whatever a header says; a first row
 * whose lists are no lists is the header.
 *
 * Single bad rows are left out and reported. @throws CslError `not-found`; `invalid-file` when no row is usable.
 */
export async function readProcessedCsv(
  path: string,
  options: ReadProcessedOptions = {},
): Promise<ProcessedCsv> {
  checkOptions("readProcessedCsv", options, {
    classes: true,
    index: true,
    blockSize: true,
    signal: true,
    onProgress: true,
  });
  const { classes, index = true, ...reading } = options;
  const compute = (): Promise<ProcessedCsv> => read(path, classes, reading);
  if (!index) return compute();
  // Before the index asks for its key: a missing file is an error in the reader's words.
  await fileKey(path).catch((cause: unknown) => {
    throw errorAbout(`readProcessedCsv: ${path}`, cause);
  });
  const { value, ...how } = await cached(path, ".processed.idx", {
    load: decodeProcessed,
    compute,
    save: encodeProcessed,
    variant: JSON.stringify([
      FORM,
      classes ? createHash("sha256").update(JSON.stringify(classes)).digest("hex") : "collect",
    ]),
  });
  return { splits: value.splits, report: { ...value.report, index: how } };
}

async function read(
  path: string,
  classes: ClassList | undefined,
  options: ReadBlocksOptions,
): Promise<ProcessedCsv> {
  const badRows: ProcessedCsv["report"]["badRows"] = { count: 0, examples: [] };
  const bad = (line: number, reason: string, text: string): void => {
    badRows.count++;
    if (badRows.examples.length < EXAMPLES) {
      badRows.examples.push({ path, line, reason, text: text.slice(0, 120) });
    }
  };
  const collected = new Map<string, ProcessedSplitRows>();
  const names = new LabelNames(classes?.ids);
  const wanted = classes?.size ?? Number.POSITIVE_INFINITY;
  const unknown = new Map<string, number>();
  let rows = 0;
  for await (const { line, fields, reason } of csvRows(path, "readProcessedCsv", options)) {
    if (reason) {
      bad(line, reason, "");
      continue;
    }
    const row = parseRow(fields);
    if (typeof row === "string") {
      if (line === 1 && !fields[1]?.trim().startsWith("[")) continue; // the header
      rows++;
      bad(line, row, fields.join(","));
      continue;
    }
    rows++;
    let split = collected.get(row.split);
    if (!split) {
      split = new ProcessedSplitRows();
      collected.set(row.split, split);
    }
    split.begin(row.path, row.positives.length + row.negatives.length);
    for (const mids of [row.positives, row.negatives]) {
      for (const mid of mids) {
        const number = names.number(mid);
        if (number < wanted) split.put(number, mids === row.positives);
        else unknown.set(mid, (unknown.get(mid) ?? 0) + 1);
      }
    }
  }
  if (collected.size === 0) {
    const [first] = badRows.examples;
    throw new CslError(
      "invalid-file",
      `readProcessedCsv: expected rows of path, positives, negatives, split in ${path}, got none${first ? ` (line ${first.line}: ${first.reason})` : ""}. Is it data.csv?`,
    );
  }
  const met = classes ? undefined : names.names;
  const list = classes ?? ClassList.from([...names.names].sort().map((id) => ({ id, name: id })));
  const built = [...collected].map(([name, split]) => ({ name, ...split.build(list, met) }));
  const strangers = [...unknown]
    .map(([id, labels]) => ({ id, rows: labels }))
    .sort((a, b) => b.rows - a.rows);
  return {
    splits: Object.fromEntries(built.map(({ name, table, fileNames }) => [name, { table, fileNames }])),
    report: {
      rows,
      repeatedImages: built.reduce((sum, { repeated }) => sum + repeated, 0),
      contradictions: built.reduce((sum, { contradictions }) => sum + contradictions, 0),
      unknownClasses: {
        rows: strangers.reduce((sum, { rows: labels }) => sum + labels, 0),
        classes: strangers.length,
        examples: strangers.slice(0, 10),
      },
      badRows,
    },
  };
}

/** The row, or what is wrong with it. */
function parseRow(fields: readonly string[]): Row | string {
  if (fields.length !== 3 && fields.length !== 4) return `${fields.length} columns instead of 4 or 3`;
  const path = fields[0]!.trim();
  const split = fields.at(-1)!.trim();
  if (path === "" || split === "") return `an empty ${path === "" ? "path" : "split"}`;
  const positives = parsePythonList(fields[1]!);
  if (typeof positives === "string") return positives;
  const negatives = fields.length === 4 ? parsePythonList(fields[2]!) : [];
  if (typeof negatives === "string") return negatives;
  return { path, positives, negatives, split };
}
