import { basename } from "node:path";
import type { ClassList } from "@csl/labels";
import { findSplit } from "../find-split.js";
import { progressLine } from "../progress-line.js";
import type { Terminal } from "../terminal.js";
import { readCocoSplit } from "./coco-dataset.js";
import { findCustomSplit, readCustomSplit } from "./custom-dataset.js";
import type { Dataset, DatasetKind, Split, SplitFiles } from "./dataset.js";
import { detectDataset, requireData } from "./detect-dataset.js";
import { findLvisSplit, readLvisSplit } from "./lvis-dataset.js";
import { openImagesSplit, readOpenImagesSplit } from "./openimages-dataset.js";
import type { ReadOptions } from "./read-options.js";
import { splitPictures } from "./split-pictures.js";

/** The flags that say which data set it is and how to read it. */
export interface DatasetFlags {
  data: string;
  dataset?: DatasetKind | "auto";
  pictures?: string;
  onMissing?: "drop" | "fail";
  images?: "annotated" | "all";
  machineLabels?: boolean;
  machineThreshold?: number;
  trainableOnly?: boolean;
  minimumSupport?: number;
  expandHierarchy?: boolean;
}

export interface OpenDatasetOptions {
  /** Where lists of missing pictures go. */
  reportFolder?: string;
  /** The classes that every split is to have, e.g. a checkpoint's. */
  classes?: ClassList;
  signal?: AbortSignal;
}

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
 * Opens `--data`: a COCO, LVIS or OpenImages folder, or label files of one's own; by the names of its files unless
 * `--dataset` says which. The terminal hears what it was taken for.
 */
export async function openDataset(
  flags: DatasetFlags,
  terminal: Terminal,
  { reportFolder, classes, signal }: OpenDatasetOptions = {},
): Promise<Dataset> {
  const { data, dataset = "auto", onMissing = "drop", pictures, ...reading } = flags;
  const { kind, description } = await whichDataset(data, dataset);
  terminal.info(`data: ${description}`);
  const tell = (line: string): void => terminal.info(line);
  const progress = (label: string) => (done: number, total: number) =>
    terminal.status(progressLine({ label, done, total }, { columns: terminal.columns }));
  const toldOfFiles = new Set<string>();
  return {
    kind,
    description,
    async requireSplit(name) {
      await readers[kind].find(data, name);
    },
    async split(name, { classes: wanted = classes } = {}): Promise<Split> {
      const files = await readers[kind].read(data, name, {
        ...reading,
        ...(signal && { signal }),
        classes: wanted,
        progress,
      });
      terminal.endStatus();
      for (const note of files.notes) tell(`${name}: ${note}`);
      for (const note of files.fileNotes ?? []) {
        if (!toldOfFiles.has(note)) tell(note);
        toldOfFiles.add(note);
      }
      let found: ReturnType<typeof splitPictures> | undefined;
      return {
        ...files,
        name,
        pictures: () => {
          found ??= splitPictures(name, files, { pictures, onMissing, reportFolder, tell, progress });
          return found.finally(() => terminal.endStatus());
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
