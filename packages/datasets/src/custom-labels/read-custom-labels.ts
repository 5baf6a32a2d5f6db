import { checkOptions, type OptionNames } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { errorAbout } from "@csl/internal/errors/error-about";
import type { ReadBlocksOptions } from "@csl/internal/files/read-blocks";
import { readTextBlocks } from "@csl/internal/files/read-text-blocks";
import type { ClassList, LabelTable } from "@csl/labels";
import { searchImages } from "../images/find-images.js";
import { CustomCells, type CustomRow } from "./custom-cells.js";
import { type Problem, type ProblemCounts, ProblemLog } from "./problem-log.js";
import { readCsvRows } from "./read-csv-rows.js";
import { readJsonlRows } from "./read-jsonl-rows.js";

export interface ReadCustomOptions extends ReadBlocksOptions {
  /** The known classes (`readClassList`). Default: every class that appears, in order of appearance. */
  classes?: ClassList;
  /** The folder that paths are relative to; given, a row whose image is not there is left out. Default: images are not looked for. */
  root?: string;
  /** How many problems of each kind are kept; all are counted. Default 20. */
  keep?: number;
}

/** A custom label file as a table. All lists are in the order of the file. */
export interface CustomLabels {
  /** Sample ids are the paths, as in `fileNames`. */
  table: LabelTable;
  /** [samples], "/" between the parts; with `root`, as the disk writes them. */
  fileNames: string[];
  /** [samples], where the file has a split; "" for a row without one. */
  splits?: string[];
  /** The first of every kind, by line. */
  problems: Problem[];
  problemCounts: ProblemCounts;
}

/**
 * Reads label files of your own. CSV:
 *
 *     path,positives,negatives,split
 *     photos/1.jpg,cat;dog,cow,train
 *     photos/2.jpg,,*,val
 *
 * with entries separated by ";" or "|", or JSONL: `{"path": "photos/1.jpg", "positives": ["cat"], "negatives": "*"}` a
 * line. `negatives` and `split` may be left out. What is in neither list is un-annotated; `*` in negatives says that
 * all other classes are absent. A CSV may also have a column per class, with 1, 0, and nothing or -1 for un-annotated:
 *
 *     filename,cat,dog
 *     photos/1.jpg,1,0
 *
 * A `.gz` of each is unpacked.
 *
 * What is wrong with a row is a problem with its line, and never stops the reading: see `problemKinds` for what becomes
 * of such a row. A class that a row has in both lists is un-annotated there.
 *
 * @throws CslError `not-found` or `cannot-read` when the file cannot be read; `invalid-file` when it is neither CSV nor
 *   JSONL, has no header, or has no usable row.
 */
export async function readCustomLabels(path: string, options: ReadCustomOptions = {}): Promise<CustomLabels> {
  checkOptions("readCustomLabels", options, optionNames);
  try {
    return await readLabels(path, options);
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw errorAbout(`readCustomLabels: ${path}`, cause);
  }
}

export const optionNames: OptionNames<ReadCustomOptions> = {
  classes: true,
  root: true,
  keep: true,
  blockSize: true,
  signal: true,
  onProgress: true,
};

/** The same; its errors name neither the file nor the function. */
export async function readLabels(
  path: string,
  { classes, root, keep = 20, ...options }: ReadCustomOptions,
): Promise<CustomLabels> {
  const problems = new ProblemLog(keep);
  const cells = new CustomCells(classes, problems);
  const { kind, blocks } = await detectForm(readTextBlocks(path, options));
  const take = (row: CustomRow): void => cells.take(row);
  const isClass = classes && ((id: string): boolean => classes.has(id));
  if (kind === "jsonl") await readJsonlRows(blocks, take, problems, isClass);
  else
    await readCsvRows(blocks, take, problems, {
      isClass,
      knowClasses: (ids, line) => cells.knowClasses(ids, line),
    });
  if (cells.paths.length === 0) {
    const [first] = problems.kept;
    throw new CslError(
      "invalid-file",
      `expected at least one image, got no usable row.${first ? ` Line ${first.line}: ${first.message}.` : ""}`,
    );
  }
  const table = cells.build();
  const { splits } = cells;
  const labels: CustomLabels = {
    table,
    fileNames: cells.paths,
    ...(splits ? { splits } : {}),
    problems: [],
    problemCounts: problems.counts,
  };
  const found = root === undefined ? labels : await onlyFound(labels, { root, cells, problems });
  return { ...found, problems: problems.kept };
}

/** The labels of every split, by its name; all under "" where the file has none. */
export function splitCustomLabels({
  table,
  fileNames,
  splits,
}: Pick<CustomLabels, "table" | "fileNames" | "splits">): Record<
  string,
  { table: LabelTable; fileNames: string[] }
> {
  if (!splits) return { "": { table, fileNames } };
  const samples = new Map<string, number[]>();
  splits.forEach((split, i) => {
    const list = samples.get(split);
    if (list) list.push(i);
    else samples.set(split, [i]);
  });
  return Object.fromEntries(
    Array.from(samples, ([split, list]) => [
      split,
      { table: table.select(list), fileNames: list.map((i) => fileNames[i]!) },
    ]),
  );
}

/** The rows whose image is on the disk. */
async function onlyFound(
  labels: CustomLabels,
  { root, cells, problems }: { root: string; cells: CustomCells; problems: ProblemLog },
): Promise<CustomLabels> {
  const { fileNames, table, splits } = labels;
  const { found, missing, images } = await searchImages(root, fileNames, { inShards: false });
  for (const sample of missing)
    problems.add(
      cells.lines.at(sample),
      "missing-image",
      () => `no file ${fileNames[sample]!} under ${root}`,
    );
  if (found.length === 0) {
    throw new CslError(
      "not-found",
      `expected images under ${root}, found none of ${fileNames.length} (the first is ${fileNames[0]!}). Are the paths relative to that folder?`,
    );
  }
  const kept = Array.from(found);
  return {
    ...labels,
    table: missing.length === 0 ? table : table.select(kept),
    fileNames: kept.map((_, i) => images.nameAt(i)),
    ...(splits ? { splits: kept.map((sample) => splits[sample]!) } : {}),
  };
}

/** Bytes by which the form of a file is recognised: its first line, most likely. */
const START = 4096;

/** Looks at the first character: "{" begins JSONL. */
async function detectForm(
  blocks: AsyncGenerator<Buffer, void>,
): Promise<{ kind: "csv" | "jsonl"; blocks: AsyncIterable<Uint8Array> }> {
  // Copies, for a block is only lent; several where they are small.
  let block = Buffer.alloc(0);
  while (block.length < START) {
    const { value: next } = await blocks.next();
    if (!next) break;
    block = Buffer.concat([block, next]);
  }
  if (block.length === 0)
    throw new CslError("invalid-file", "expected a CSV or JSONL file, got an empty one (0 bytes).");
  const start = block.toString("latin1", 0, 64).trimStart()[0];
  if (start === "[") {
    await blocks.return();
    throw new CslError(
      "invalid-file",
      'expected CSV or JSONL, got a JSON list ("["). Write one object a line, without the brackets around.',
    );
  }
  return {
    kind: start === "{" ? "jsonl" : "csv",
    blocks: (async function* () {
      try {
        yield block;
        yield* blocks;
      } finally {
        await blocks.return(); // the reader may stop at the first block
      }
    })(),
  };
}
