import { basename } from "node:path";
import type { ClassList } from "@csl/labels";
import { readCocoSplit } from "./coco-dataset.js";
import { findCustomSplit, readCustomSplit } from "./custom-dataset.js";
import type { Dataset, DatasetKind, Split, SplitFiles } from "./dataset.js";
import { detectDataset, requireData } from "./detect-dataset.js";
import { findSplit } from "./find-split.js";
import { findLvisSplit, readLvisSplit } from "./lvis-dataset.js";
import { openImagesSplit, readOpenImagesSplit } from "./openimages-dataset.js";
import type { ReadOptions } from "./read-options.js";
import { splitImages } from "./split-images.js";

/** Where an open data set says what it found and how far it is. */
export interface DatasetReporter {
  /** A line for the person. */
  note(line: string): void;
  /** @param done of `total`: bytes of a file, or files. */
  progress(label: string, done: number, total: number): void;
  /** The work that `progress` told of has ended. */
  progressEnd(): void;
}

export interface OpenDatasetOptions extends Omit<ReadOptions, "progress" | "classes"> {
  /** What the folder holds. Default "auto": by the names of its files. */
  dataset?: DatasetKind | "auto";
  /** Where the images are when not beside the labels: a folder, or shards. */
  images?: string;
  /** Samples without an image: drop and count them, or fail. Default "drop". */
  onMissing?: "drop" | "fail";
  /** Default: says nothing. */
  reporter?: DatasetReporter;
  /** Where lists of missing images go. */
  reportFolder?: string;
  /** The classes that every split is to have, e.g. a checkpoint's. */
  classes?: ClassList;
}

const silent: DatasetReporter = { note() {}, progress() {}, progressEnd() {} };

/** Reads a split, and looks for its files before that. */
interface Reader {
  read(path: string, split: string, options: ReadOptions): Promise<SplitFiles>;
  find(path: string, split: string): Promise<unknown>;
}

const readers: Record<DatasetKind, Reader> = {
  coco: { read: readCocoSplit, find: findSplit },
  lvis: { read: readLvisSplit, find: findLvisSplit },
  openimages: { read: readOpenImagesSplit, find: async (_, split) => openImagesSplit(split) },
  custom: { read: readCustomSplit, find: findCustomSplit },
};

const kindNames: Record<DatasetKind, string> = {
  coco: "COCO",
  lvis: "LVIS",
  openimages: "OpenImages",
  custom: "a label file of your own",
};

/** Kinds whose `--data` may be a file. */
const ofFiles: ReadonlySet<DatasetKind> = new Set(["openimages", "custom"]);

/**
 * Opens a COCO, LVIS or OpenImages folder, or label files of one's own; by the names of its files unless `dataset`
 * says which.
 */
export async function openDataset(path: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const { dataset = "auto", onMissing = "drop", images, reporter = silent, ...more } = options;
  const { reportFolder, classes, ...reading } = more;
  const { kind, description } = await whichDataset(path, dataset);
  reporter.note(`data: ${description}`);
  const progress = (label: string) => (done: number, total: number) => reporter.progress(label, done, total);
  const toldOfFiles = new Set<string>();
  return {
    kind,
    description,
    async requireSplit(name) {
      await readers[kind].find(path, name);
    },
    async split(name, { classes: wanted = classes } = {}): Promise<Split> {
      const files = await readers[kind].read(path, name, {
        ...reading,
        classes: wanted,
        progress,
      });
      reporter.progressEnd();
      for (const note of files.notes) reporter.note(`${name}: ${note}`);
      for (const note of files.fileNotes ?? []) {
        if (!toldOfFiles.has(note)) reporter.note(note);
        toldOfFiles.add(note);
      }
      let found: ReturnType<typeof splitImages> | undefined;
      return {
        ...files,
        name,
        images: () => {
          found ??= splitImages(name, files, {
            images: images,
            onMissing,
            reportFolder,
            tell: reporter.note,
            progress,
          });
          return found.finally(() => reporter.progressEnd());
        },
      };
    },
  };
}

async function whichDataset(
  data: string,
  asked: DatasetKind | "auto",
): Promise<{ kind: DatasetKind; description: string }> {
  if (asked !== "auto" && !(await requireData(data)) && !ofFiles.has(asked))
    throw new Error(
      `csl: expected --data to be a folder (${kindNames[asked]}), as --dataset says, got the file ${data}. Give its folder, or leave --dataset out.`,
    );
  if (asked !== "auto") return { kind: asked, description: `${kindNames[asked]}, as --dataset says` };
  const { kind, evidence, others } = await detectDataset(data);
  const also = others.map((other) => `--dataset ${other} takes its ${kindNames[other]} files`);
  return {
    kind,
    description: `${kindNames[kind]}, by ${evidence === data ? basename(data) : evidence}${also.length > 0 ? ` (${also.join(", ")})` : ""}`,
  };
}
