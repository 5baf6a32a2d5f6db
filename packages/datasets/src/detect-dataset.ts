import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { readTextBlocks } from "@csl/internal/files/read-text-blocks";
import type { DatasetKind, Wording } from "./dataset.js";

/** What a folder or file was recognised as, and by which file. */
export interface Detection {
  kind: DatasetKind;
  /** Path below the folder, or the file itself. */
  evidence: string;
  /** Other kinds that the folder could be as well. */
  others: DatasetKind[];
}

/** One sign of a data set: the kind, and the file name by which it is recognised, in the folder or in `annotations/`. */
interface Sign {
  kind: DatasetKind;
  pattern: RegExp;
}

/** The first sign that is found counts: people keep LVIS's annotations beside COCO's, and a data.csv beside both. */
const signs: readonly Sign[] = [
  { kind: "coco", pattern: /^instances_\w+\.json(\.gz)?$/ },
  { kind: "lvis", pattern: /^lvis_v\d[\d.]*_\w+\.json(\.gz)?$/ },
  { kind: "openimages", pattern: /annotations-(human|machine)(-imagelabels(-boxable)?)?\.csv(\.gz)?$/ },
  { kind: "openimages", pattern: /^data\.csv(\.gz)?$/ },
  { kind: "custom", pattern: /^(?!.*(class|images|missing|unreadable)).*\.(csv|jsonl|ndjson)$/ },
];

/** Where the files of a data set may lie below its folder; OpenImages' archives have one folder a split or version. */
const folders = ["", "annotations", "labels", "annotations_human", "train", "validation", "test"];

/**
 * Tells what a folder or file holds by the names of its files.
 *
 * @param options.speaker who speaks in errors. Default "detectDataset".
 * @param options.optionName how an error writes the name of an option. Default: as it is.
 * @throws CslError `not-found` when nothing is there, or nothing that is known, with what was looked for.
 */
export async function detectDataset(path: string, options: Partial<Wording> = {}): Promise<Detection> {
  checkOptions("detectDataset", options, { speaker: true, optionName: true });
  const wording = { speaker: "detectDataset", optionName: (name: string) => name, ...options };
  const { speaker, optionName } = wording;
  if (!(await isFolder(path, wording))) return { kind: await kindOfFile(path), evidence: path, others: [] };
  const names: string[] = [];
  for (const folder of folders) {
    const entries = await readdir(join(path, folder)).catch(() => [] as string[]);
    names.push(...entries.sort(trainFirst).map((entry) => join(folder, entry)));
  }
  for (const { kind, pattern } of signs) {
    const evidence = names.find((name) => pattern.test(basename(name)));
    if (evidence === undefined) continue;
    const foreign = kind === "openimages" && basename(evidence) === "data.csv";
    if (foreign && !(await holdsPythonLists(join(path, evidence)))) continue;
    const others = signs
      .filter((sign) => sign.kind !== "custom" && sign.kind !== kind)
      .filter((sign) => names.some((name) => sign.pattern.test(basename(name))));
    return { kind, evidence, others: [...new Set(others.map((sign) => sign.kind))] };
  }
  throw new CslError(
    "not-found",
    `${speaker}: expected ${path} to hold a data set, got none that is known. Looked for ` +
      "annotations/instances_train2014.json (COCO), annotations/lvis_v1_train.json (LVIS), " +
      "train-annotations-human-imagelabels.csv or data.csv (OpenImages), train.csv or train.jsonl with path, positives, " +
      `negatives (label files of your own). Say which it is with ${optionName("dataset")}.`,
  );
}

/** Whether the path of a data set is a folder; else it is a file. @throws CslError `not-found` when nothing is there. */
export async function isFolder(path: string, { speaker, optionName }: Wording): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found) return found.isDirectory();
  throw new CslError(
    "not-found",
    `${speaker}: expected ${optionName("path")} to be a folder or a label file, got ${path}, which does not exist. Is the path right?`,
  );
}

/** The training labels are what a person recognises. */
function trainFirst(a: string, b: string): number {
  return Number(b.includes("train")) - Number(a.includes("train")) || (a < b ? -1 : 1);
}

async function kindOfFile(path: string): Promise<DatasetKind> {
  const kind = signs.find(({ pattern }) => pattern.test(basename(path)))?.kind ?? "custom";
  return basename(path) === "data.csv" && !(await holdsPythonLists(path)) ? "custom" : kind;
}

/** The reference authors' data.csv has `"['/m/01', …]"` or `[]` in its columns; one's own file of that name has not. */
async function holdsPythonLists(path: string): Promise<boolean> {
  try {
    for await (const block of readTextBlocks(path, { blockSize: 65_536 }))
      return /(^|[,"])\[(\]|['"])/m.test(block.toString("latin1", 0, 65_536));
  } catch {
    // Its reader says what is wrong with the file.
  }
  return false;
}
