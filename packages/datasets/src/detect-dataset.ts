import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { readTextBlocks } from "@csl/internal/files/read-text-blocks";
import type { DatasetKind, Wording } from "./dataset.js";
import { cocoExport } from "./kinds/coco-places.js";

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
  { kind: "coco", pattern: cocoExport },
  { kind: "lvis", pattern: /^lvis_v\d[\d.]*_\w+\.json(\.gz)?$/ },
  { kind: "openimages", pattern: /annotations-(human|machine)(-imagelabels(-boxable)?)?\.csv(\.gz)?$/ },
  { kind: "openimages", pattern: /^classifications\.csv(\.gz)?$/ }, // FiftyOne
  { kind: "openimages", pattern: /^data\.csv(\.gz)?$/ },
  { kind: "custom", pattern: /^_classes\.csv$/ }, // Roboflow
  { kind: "custom", pattern: /^(?!.*(class|images|missing|unreadable)).*\.(csv|jsonl|ndjson)(\.gz)?$/ },
];

/** Where the files of a data set may lie below its folder: many have one folder a split or version. */
const splitFolders = ["train", "val", "valid", "validation", "test"];
const folders = [
  ...["", "annotations", "labels", "annotations_human", ...splitFolders],
  ...splitFolders.map((split) => join(split, "labels")),
];

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
  const found: Sign[] = [];
  let evidence: string | undefined;
  for (const sign of signs) {
    const name = names.find((one) => sign.pattern.test(basename(one)));
    if (name === undefined || !(await holdsWhatItsNameSays(join(path, name), sign))) continue;
    evidence ??= name;
    found.push(sign);
  }
  const [first, ...others] = found;
  if (first && evidence !== undefined) {
    const kinds = others.map(({ kind }) => kind).filter((kind) => kind !== "custom" && kind !== first.kind);
    return { kind: first.kind, evidence, others: [...new Set(kinds)] };
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
  for (const sign of signs)
    if (sign.pattern.test(basename(path)) && (await holdsWhatItsNameSays(path, sign))) return sign.kind;
  return "custom";
}

/**
 * Files of some names may be anything. The reference authors' data.csv has `"['/m/01', …]"` or `[]` in its columns, one's
 * own file of that name has not; a labels.json or result.json has COCO's lists, or is of another program.
 */
async function holdsWhatItsNameSays(path: string, { kind }: Sign): Promise<boolean> {
  const name = basename(path);
  if (kind === "openimages" && /^data\.csv/.test(name)) return holds(path, /(^|[,"])\[(\]|['"])/m);
  if (kind === "coco" && /^(labels|result)\.json/.test(name))
    return holds(path, /"(images|annotations|categories)"\s*:\s*\[/);
  return true;
}

/** Whether the beginning of a file has such a text. */
async function holds(path: string, pattern: RegExp): Promise<boolean> {
  try {
    for await (const block of readTextBlocks(path, { blockSize: 65_536 }))
      return pattern.test(block.toString("latin1", 0, 65_536));
  } catch {
    // Its reader says what is wrong with the file.
  }
  return false;
}
