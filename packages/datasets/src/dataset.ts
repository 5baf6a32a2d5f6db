import type { ImageList } from "@csl/image-batches";
import type { ClassList, LabelTable } from "@csl/labels";
import type { FoundImages } from "./find-in-folders.js";

export type DatasetKind = "coco" | "openimages" | "lvis" | "custom";

/** Labels and images that belong together, in splits. */
export interface Dataset {
  kind: DatasetKind;
  /** What it was taken for and by which file, for the person who may know better. */
  description: string;
  /**
   * Looks whether the files of a split are there, as far as their names tell; before anything large is read.
   *
   * @throws naming where it looked when they are not.
   */
  requireSplit(name: string): Promise<void>;
  /**
   * @param options.classes the classes of the result, e.g. those of the training split or of a checkpoint. Default: the
   *   data set's own.
   * @throws naming where it looked when there is no such split.
   */
  split(name: string, options?: { classes?: ClassList | undefined }): Promise<Split>;
}

/** What a reader of one data set knows about a split before anybody has looked for its images. */
export interface SplitFiles {
  /** Everything that the files say. */
  truth: LabelTable;
  /** Image of sample i as a path below one of `roots`. */
  fileNames: Texts;
  /** Folders that may hold the images, the likeliest first. */
  roots: string[];
  /** Largest object of every stored cell of `truth` (COCO): the scheme largest-object draws by it. */
  areas?: Float32Array;
  /** Group of every class: LVIS's r, c, f. */
  frequency?: readonly string[];
  /** Whether a class is declared trainable (OpenImages). */
  trainable?: (classIndex: number) => boolean;
  /** What a person should know: rows merged, classes unknown, lines that could not be read. */
  notes: string[];
  /** The same of the file as a whole, which other splits may come from, too: told once. They name the file. */
  fileNotes?: string[];
  /** Looks for the images in a way of its own; by default they are sought by file name. */
  find?: (roots: readonly string[]) => Promise<FoundImages | undefined>;
  /** Whether equal sample ids in two splits are the same image by themselves (OpenImages), without equal names. */
  globalIds?: boolean;
}

export interface Split extends SplitFiles {
  name: string;
  /** Looks for the images, once. @throws when none is there, or when one is missing and that is not accepted. */
  images(): Promise<SplitImages>;
}

export interface SplitImages {
  /** Only those that exist. */
  list: ImageList;
  /** The rows of those images, of any table with the samples of the split, in the order of `list`. */
  labelsOf(table: LabelTable): LabelTable;
  /** Samples without an image. */
  missing: number;
}

/** Texts by position; `readonly string[]` and SampleIds are such. */
export interface Texts {
  readonly length: number;
  at(position: number): string | undefined;
}
