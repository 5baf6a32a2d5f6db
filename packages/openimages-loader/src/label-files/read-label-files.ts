import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { checkOptions } from "@csl/internal/errors/check-options";
import { checkChoice } from "@csl/internal/errors/check-values";
import { CslError, type CslErrorCode } from "@csl/internal/errors/csl-error";
import { errorAbout } from "@csl/internal/errors/error-about";
import { cached } from "@csl/internal/files/cached";
import { readTextBlocks } from "@csl/internal/files/read-text-blocks";
import {
  type ClassList,
  type LabelTable,
  parseLabelTable,
  type SampleIds,
  selectSamples,
  stringifyLabelTable,
} from "@csl/labels";
import { filterBySupport, type Support } from "../classes/filter-by-support.js";
import { parseImageId } from "../images/image-id.js";
import { buildTable, renumber } from "./build-table.js";
import { CellStore } from "./cell-store.js";
import { type ConflictPolicy, conflictPolicies } from "./label-mark.js";
import { LabelNames } from "./label-names.js";
import type { LabelReport } from "./label-report.js";
import { LabelScanner } from "./label-scanner.js";
import { mergeGroups } from "./merge-groups.js";

export interface ReadLabelFilesOptions {
  /** The classes of the table; rows of others are counted. `collect`: all that occur, in the order of their ids. */
  classes?: ClassList | "collect";
  /** What becomes of a cell that is labelled more than once. */
  conflicts?: ConflictPolicy;
  /** From this confidence on a machine label is positive; below it says nothing. It is never negative. */
  machineThreshold?: number;
  /** Leave out classes with fewer annotated samples than this. */
  minimumSupport?: Support;
  /** The table's samples, in this order: those without a row have no labels. Default: all of the files, ascending. */
  samples?: readonly string[] | SampleIds;
  /** Keep an index beside the first file; the next start loads it, as long as no file has changed. */
  index?: boolean;
  signal?: AbortSignal;
  /** Bytes read of all files, and their size. */
  onProgress?: (read: number, total: number) => void;
}

/** What label files hold, and what was met while they were read. */
export interface ImageLabels {
  /** Samples are image ids, ascending, each once; cells without a row are un-annotated. */
  table: LabelTable;
  report: LabelReport;
}

const BLOCK = 4 << 20;
/** Part of the index's variant: to be changed with what is written there, or how rows are understood. */
const FORM = "openimages labels 1";

/**
 * OpenImages' image-level label files (human, machine, boxable; V3 to V7; plain or gzipped) as one table. Rows may
 * come in any order and ids may come back; sorted files are read fastest. Every image of the files is a sample, also when
 * none of its labels remains.
 *
 * 57.5 million rows: about 3 bytes a row and 12 an image of memory, see the benchmark `openimages-labels`.
 *
 * @throws CslError `not-found`; `invalid-file` for a file of other columns and a damaged gzip file. Single bad rows are
 * left out and reported.
 */
export async function readLabelFiles(
  files: string | readonly string[],
  options: ReadLabelFilesOptions = {},
): Promise<ImageLabels> {
  checkOptions("readLabelFiles", options, {
    classes: true,
    conflicts: true,
    machineThreshold: true,
    minimumSupport: true,
    samples: true,
    index: true,
    signal: true,
    onProgress: true,
  });
  const { classes = "collect", conflicts = "trust", machineThreshold = 0.5, index = true } = options;
  const { minimumSupport, samples, signal, onProgress } = options;
  if (minimumSupport)
    checkOptions("readLabelFiles: minimumSupport", minimumSupport, { positives: true, negatives: true });
  const paths = typeof files === "string" ? [files] : files;
  if (paths.length === 0)
    throw new CslError("invalid-argument", "readLabelFiles: expected at least one file, got none.");
  checkChoice("readLabelFiles", "conflicts", conflicts, Object.keys(conflictPolicies));
  if (!(machineThreshold >= 0 && machineThreshold <= 1)) {
    throw new CslError(
      "invalid-argument",
      `readLabelFiles: expected machineThreshold in 0…1, got ${machineThreshold}.`,
    );
  }
  const sizes = await Promise.all(paths.map(sizeOf));
  const compute = (): Promise<ImageLabels> =>
    read(paths, {
      sizes,
      classes,
      conflicts,
      machineThreshold,
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
  const ids = samples && Array.isArray(samples) ? samples.map(wantedId) : samples;
  const chosen = ({ table, report }: ImageLabels): ImageLabels => {
    const some = ids ? selectSamples(table, ids) : table;
    return { table: minimumSupport ? filterBySupport(some, minimumSupport) : some, report };
  };
  if (!index) return chosen(await compute());
  const { value, ...how } = await cached(paths, ".labels.idx", {
    load: decodeImageLabels,
    compute,
    save: encodeImageLabels,
    variant: JSON.stringify([
      FORM,
      conflicts,
      machineThreshold,
      // Names, too: the index holds them.
      classes === "collect" ? classes : createHash("sha256").update(JSON.stringify(classes)).digest("hex"),
    ]),
  });
  // The files may have moved since the index was written.
  const byFile = value.report.byFile.map(({ rows }, i) => ({ path: paths[i]!, rows }));
  return chosen({ table: value.table, report: { ...value.report, byFile, index: how } });
}

/** A wanted id in the form that the table has it: another form would find no label and say nothing. */
function wantedId(text: string): string {
  const id = parseImageId(text);
  if (id !== undefined) return id;
  throw new CslError(
    "invalid-argument",
    `readLabelFiles: expected samples of 16 hexadecimal digits, got ${JSON.stringify(text)}. Image ids are texts.`,
  );
}

type Settings = Required<Pick<ReadLabelFilesOptions, "classes" | "conflicts" | "machineThreshold">> &
  Pick<ReadLabelFilesOptions, "signal" | "onProgress"> & { sizes: readonly number[] };

async function read(
  paths: readonly string[],
  { sizes, classes, conflicts, machineThreshold, signal, onProgress }: Settings,
): Promise<ImageLabels> {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const collect = classes === "collect";
  const store = new CellStore(conflicts);
  const names = new LabelNames(collect ? [] : classes.ids);
  const wanted = collect ? Number.POSITIVE_INFINITY : classes.size;
  const scanner = new LabelScanner({ store, names, wanted, machineThreshold });
  const byFile: LabelReport["byFile"] = [];
  let done = 0;
  for (const [i, path] of paths.entries()) {
    const before = scanner.rows;
    // Of all bytes: those scanned, which are one block behind those read.
    let scanned = total === 0 ? 0 : done / total;
    let share = scanned;
    scanner.beginFile(path);
    const progress = (readSoFar: number): void => {
      share = total === 0 ? 0 : (done + readSoFar) / total;
      onProgress?.(done + readSoFar, total);
    };
    try {
      for await (const block of readTextBlocks(path, {
        blockSize: BLOCK,
        onProgress: progress,
        ...(signal ? { signal } : {}),
      })) {
        scanner.push(block, scanned);
        scanned = share;
      }
      scanner.endFile();
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw errorAbout(`readLabelFiles: ${path}`, cause);
    }
    done += sizes[i]!;
    byFile.push({ path, rows: scanner.rows - before });
  }
  if (scanner.rows === 0) {
    throw new CslError(
      "invalid-file",
      `readLabelFiles: expected label rows in ${paths.join(", ")}, got none. Download it again.`,
    );
  }
  const [first] = scanner.badRows.examples;
  if (first && scanner.badRows.count === scanner.rows) {
    throw new CslError(
      "invalid-file",
      `readLabelFiles: expected label rows, got none among ${scanner.rows} (${first.path}:${first.line}: ${first.reason}: ${first.text}). Is it a file of image-level labels?`,
    );
  }
  const merged = mergeGroups(store, conflicts);
  const list = collect ? renumber(merged, names.names) : classes;

  const { table, contradictions } = buildTable(merged, list);

  const report: LabelReport = {
    rows: scanner.rows,
    byFile,
    bySource: Object.fromEntries([...scanner.bySource].sort()),
    duplicates: merged.duplicates,
    contradictions,
    overruled: merged.overruled,
    belowThreshold: scanner.belowThreshold,
    unknownClasses: unknownClasses(scanner.unwanted, collect ? [] : names.names.slice(classes.size)),
    badRows: scanner.badRows,
    tornLines: scanner.tornLines,
  };
  return { table, report };
}

async function sizeOf(path: string): Promise<number> {
  const wrong = (code: CslErrorCode, got: string, cause?: unknown): CslError =>
    new CslError(code, `readLabelFiles: expected a label file at ${path}, got ${got}. Is the path right?`, {
      cause,
    });
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw wrong(cause.code === "ENOENT" ? "not-found" : "cannot-read", cause.code ?? "an error", cause);
  });
  if (stats.isDirectory()) throw wrong("invalid-argument", "a folder");
  return stats.size;
}

function unknownClasses(rows: readonly number[], names: readonly string[]): LabelReport["unknownClasses"] {
  const found = names.map((id, i) => ({ id, rows: rows[i] ?? 0 })).sort((a, b) => b.rows - a.rows);
  return {
    rows: found.reduce((sum, { rows }) => sum + rows, 0),
    classes: found.length,
    examples: found.slice(0, 10),
  };
}

/** Report as JSON behind its length, padded to 8, then the table's own form. */
function encodeImageLabels({ table, report }: ImageLabels): Uint8Array[] {
  const json = Buffer.from(JSON.stringify(report));
  const head = Buffer.alloc(Math.ceil((8 + json.length) / 8) * 8);
  head.writeUInt32LE(json.length, 0);
  json.copy(head, 8);
  return [head, ...stringifyLabelTable(table)];
}

function decodeImageLabels(bytes: Uint8Array): ImageLabels {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const report = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as LabelReport;
  return { table: parseLabelTable(bytes.subarray(Math.ceil((8 + length) / 8) * 8)), report };
}
