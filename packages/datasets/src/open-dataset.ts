import { basename } from "node:path";
import type { ShardSet } from "@csl/image-batches";
import { checkOptions, type OptionNames } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import type { ClassList } from "@csl/labels";
import type { Dataset, DatasetKind, Split, SplitImages, Wording } from "./dataset.js";
import { detectDataset, isFolder } from "./detect-dataset.js";
import { splitImages } from "./images/split-images.js";
import { findCocoSplit, readCocoSplit } from "./kinds/coco.js";
import { findCustomSplit, readCustomSplit } from "./kinds/custom.js";
import { findLvisSplit, readLvisSplit } from "./kinds/lvis.js";
import { findOpenImagesSplit, readOpenImagesSplit } from "./kinds/openimages.js";
import type { ReadContext, ReadOptions, SplitFiles } from "./kinds/split-files.js";

/** Where an open data set says what it found and how far it is. */
export interface DatasetReporter {
  /** A line for the person. */
  note(line: string): void;
  /** @param done of `total`: bytes of a file, or files. */
  progress(label: string, done: number, total: number): void;
  /** The work that `progress` reported has ended. */
  progressEnd(): void;
}

export interface OpenDatasetOptions extends ReadOptions, Partial<Wording> {
  /** What the path holds. Default "auto": recognised by the names of the files. */
  dataset?: DatasetKind | "auto";
  /** Where the images are when not next to the labels: a folder, or shards. */
  images?: string;
  /** Samples without an image: drop and count them, or fail. Default "drop". */
  onMissing?: "drop" | "fail";
  /** Default: reports nothing. */
  reporter?: DatasetReporter;
  /** Where lists of missing images are written. Default: nowhere; they are only counted. */
  reportFolder?: string;
  /** The classes that every split has, e.g. a checkpoint's. Default: the data set's own. */
  classes?: ClassList;
  /** Who speaks in errors. Default "openDataset". */
  speaker?: string;
  /**
   * How messages write the name of an option (`path` and `split` as well): a command gives its flag, `--images`.
   * Default: as it is.
   */
  optionName?: (option: string) => string;
}

const optionNames: OptionNames<OpenDatasetOptions> = {
  dataset: true,
  images: true,
  onMissing: true,
  cocoImages: true,
  machineLabels: true,
  machineThreshold: true,
  trainableOnly: true,
  minimumSupport: true,
  expandHierarchy: true,
  classes: true,
  reporter: true,
  reportFolder: true,
  signal: true,
  speaker: true,
  optionName: true,
};

const silent: DatasetReporter = { note() {}, progress() {}, progressEnd() {} };

/** How one kind of data set is read, and its files are looked for before that. */
interface KindOfDataset {
  name: string;
  /** Whether the path may be a file. */
  mayBeFile: boolean;
  find(path: string, split: string, wording: Wording): Promise<unknown>;
  read(path: string, split: string, context: ReadContext): Promise<SplitFiles>;
}

const kinds: Record<DatasetKind, KindOfDataset> = {
  coco: { name: "COCO", mayBeFile: false, find: findCocoSplit, read: readCocoSplit },
  lvis: { name: "LVIS", mayBeFile: false, find: findLvisSplit, read: readLvisSplit },
  openimages: { name: "OpenImages", mayBeFile: true, find: findOpenImagesSplit, read: readOpenImagesSplit },
  custom: {
    name: "a label file of your own",
    mayBeFile: true,
    find: findCustomSplit,
    read: readCustomSplit,
  },
};

/**
 * Opens a COCO, LVIS or OpenImages folder, or label files of your own; recognised by the names of the files unless
 * `dataset` says which.
 *
 * @throws CslError `not-found` when nothing is there, or nothing that is known; `invalid-argument` for a file where
 *   `dataset` needs a folder.
 */
export async function openDataset(path: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  checkOptions("openDataset", options, optionNames);
  const { dataset = "auto", onMissing = "drop", images, reporter = silent, reportFolder } = options;
  const wording: Wording = {
    speaker: options.speaker ?? "openDataset",
    optionName: options.optionName ?? ((name) => name),
  };
  const { kind, description } = await recognise(path, dataset, wording);
  reporter.note(`data: ${description}`);
  const progress = (label: string) => (done: number, total: number) => reporter.progress(label, done, total);
  const fileNotes = new Set<string>();
  const openSets = new Map<string, Promise<ShardSet>>();
  return {
    kind,
    description,
    async requireSplit(name) {
      await kinds[kind].find(path, name, wording);
    },
    async split(name, splitOptions = {}): Promise<Split> {
      checkOptions("split", splitOptions, { classes: true });
      const classes = splitOptions.classes ?? options.classes;
      const files = await kinds[kind].read(path, name, { ...options, classes, progress, wording });
      reporter.progressEnd();
      for (const note of files.notes) reporter.note(`${name}: ${note}`);
      for (const note of files.fileNotes ?? []) {
        if (!fileNotes.has(note)) reporter.note(note);
        fileNotes.add(note);
      }
      let found: Promise<SplitImages> | undefined;
      return {
        ...files.labels,
        name,
        images: () => {
          found ??= splitImages(name, files, {
            ...{ images, onMissing, reportFolder, wording, progress, signal: options.signal, openSets },
            note: (line) => reporter.note(line),
          });
          return found.finally(() => reporter.progressEnd());
        },
      };
    },
  };
}

async function recognise(
  path: string,
  asked: DatasetKind | "auto",
  wording: Wording,
): Promise<{ kind: DatasetKind; description: string }> {
  const { speaker, optionName } = wording;
  if (asked !== "auto") {
    if (!Object.hasOwn(kinds, asked))
      throw new CslError(
        "invalid-argument",
        `${speaker}: expected ${optionName("dataset")} to be auto, ${Object.keys(kinds).join(", ")}, got ${JSON.stringify(asked)}.`,
      );
    const { name, mayBeFile } = kinds[asked];
    if (!(await isFolder(path, wording)) && !mayBeFile)
      throw new CslError(
        "invalid-argument",
        `${speaker}: expected ${optionName("path")} to be a folder (${name}), as ${optionName("dataset")} says, got the file ${path}. ` +
          `Give its folder, or leave ${optionName("dataset")} out.`,
      );
    return { kind: asked, description: `${name}, as ${optionName("dataset")} says` };
  }
  const { kind, evidence, others } = await detectDataset(path, wording);
  const also = others.map(
    (other) => `${optionName("dataset")} ${other} reads its ${kinds[other].name} files`,
  );
  const by = evidence === path ? basename(path) : evidence;
  return {
    kind,
    description: `${kinds[kind].name}, by ${by}${also.length > 0 ? ` (${also.join(", ")})` : ""}`,
  };
}
