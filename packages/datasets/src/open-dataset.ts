import { basename } from "node:path";
import type { ShardSet } from "@csl/image-batches";
import { checkOptions, type OptionNames } from "@csl/internal/errors/check-options";
import { checkRange } from "@csl/internal/errors/check-values";
import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import type { ClassList } from "@csl/labels";
import type { Dataset, DatasetKind, Split, SplitImages, Wording } from "./dataset.js";
import { detectDataset, isFolder } from "./detect-dataset.js";
import { type HeldOut, holdOut, partOf } from "./held-out/hold-out.js";
import { splitImages } from "./images/split-images.js";
import { findCocoSplit, readCocoSplit } from "./kinds/coco.js";
import type { CocoPlace } from "./kinds/coco-places.js";
import { findCustomSplit, readCustomSplit } from "./kinds/custom.js";
import { findLvisSplit, readLvisSplit } from "./kinds/lvis.js";
import { findOpenImagesSplit, readOpenImagesSplit } from "./kinds/openimages.js";
import { type ReadContext, type ReadOptions, type SplitFiles, splitNames } from "./kinds/split-files.js";

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
  /** Makes this share of the training samples the split val, for data without one: above 0, below 1. */
  valShare?: number;
  /** Which samples `valShare` takes: the same ones for the same seed. Default 0. */
  splitSeed?: number;
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
  valShare: true,
  splitSeed: true,
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
  find(path: string, split: string, wording: Wording): Promise<string | CocoPlace | undefined>;
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
  const { valShare, splitSeed = 0 } = options;
  if (valShare !== undefined)
    checkRange(wording.speaker, wording.optionName("valShare"), valShare, { above: 0, below: 1 });
  if (!(Number.isSafeInteger(splitSeed) && splitSeed >= 0))
    throw new CslError(
      "invalid-argument",
      `${wording.speaker}: expected ${wording.optionName("splitSeed")} to be a whole number of at least 0, got ${splitSeed}.`,
    );
  const { kind, description } = await recognise(path, dataset, wording);
  reporter.note(`data: ${description}`);
  const progress = (label: string) => (done: number, total: number) => reporter.progress(label, done, total);
  const fileNotes = new Set<string>();
  const openSets = new Map<string, Promise<ShardSet>>();
  const searching = {
    ...{ images, onMissing, reportFolder, wording, progress, signal: options.signal, openSets },
    note: (line: string) => reporter.note(line),
  };
  /** The split that a split is made of: val of train, with `valShare`. */
  const sourceOf = (name: string): string =>
    valShare !== undefined && splitNames("val").includes(name) ? "train" : name;
  let heldOut: Promise<HeldOut> | undefined;
  const divide = async (files: SplitFiles, share: number): Promise<HeldOut> => {
    const own = (await ownValidation(kind, path, wording)) ?? validationAmong(files.otherSplits ?? []);
    if (own !== undefined)
      throw new CslError(
        "mismatch",
        `${wording.speaker}: expected data without a validation split for ${wording.optionName("valShare")}, got ${path}, which has one: ${own}. ` +
          `Leave ${wording.optionName("valShare")} out.`,
      );
    const parts = await holdOut(files, { share, seed: splitSeed }, searching);
    reporter.progressEnd();
    const { train, val, copies } = parts;
    reporter.note(
      `val: ${val.length} of the ${train.length + val.length} samples of train, by ${wording.optionName("valShare")} ${share} and ` +
        `${wording.optionName("splitSeed")} ${splitSeed}${copies > 0 ? `; ${copies} copies of images stay with their image` : ""}`,
    );
    return parts;
  };
  return {
    kind,
    description,
    async requireSplit(name) {
      await kinds[kind].find(path, sourceOf(name), wording);
    },
    async split(name, splitOptions = {}): Promise<Split> {
      checkOptions("split", splitOptions, { classes: true });
      const classes = splitOptions.classes ?? options.classes;
      const source = sourceOf(name);
      let files = await kinds[kind].read(path, source, { ...options, classes, progress, wording });
      reporter.progressEnd();
      if (source === name) for (const note of files.notes) reporter.note(`${name}: ${note}`);
      for (const note of files.fileNotes ?? []) {
        if (!fileNotes.has(note)) reporter.note(note);
        fileNotes.add(note);
      }
      if (valShare !== undefined && source === "train") {
        heldOut ??= divide(files, valShare);
        files = partOf(files, (await heldOut)[source === name ? "train" : "val"]);
      }
      const part = files;
      let found: Promise<SplitImages> | undefined;
      return {
        ...part.labels,
        name,
        images: () => {
          found ??= splitImages(name, part, { ...searching, heldOutOf: source });
          return found.finally(() => reporter.progressEnd());
        },
      };
    },
  };
}

/** The file of the validation split where it has one of its own. */
async function ownValidation(kind: DatasetKind, path: string, wording: Wording): Promise<string | undefined> {
  const find = async (split: string): Promise<string | undefined> => {
    const found = await kinds[kind].find(path, split, wording).catch((error: unknown) => {
      if (isCslError(error, "not-found")) return undefined;
      throw error;
    });
    return typeof found === "object" ? found.instances : found;
  };
  const own = await find("val");
  return own === (await find("train")) ? undefined : own;
}

const validationAmong = (names: readonly string[]): string | undefined =>
  names.find((name) => splitNames("val").includes(name.toLowerCase()));

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
