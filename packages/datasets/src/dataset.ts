import type { ImageList } from "@csl/image-batches";
import type { ClassList, LabelTable } from "@csl/labels";

export type DatasetKind = "coco" | "openimages" | "lvis" | "custom";

/** Labels and images that belong together, in splits. */
export interface Dataset {
  kind: DatasetKind;
  /** What the data set was recognised as and by which file, for the person who may know better. */
  description: string;
  /**
   * Checks that the files of a split exist, as far as their names tell; before anything large is read.
   *
   * @throws CslError `not-found`, with the places where it looked.
   */
  requireSplit(name: string): Promise<void>;
  /**
   * Reads the labels of a split.
   *
   * @param options.classes the classes of the result, e.g. those of the training split or of a checkpoint. Default: the
   *   data set's own.
   * @throws CslError `not-found`, with the places where it looked, when there is no such split.
   */
  split(name: string, options?: { classes?: ClassList | undefined }): Promise<Split>;
}

/** The labels of one split, and how to get its images. */
export interface Split {
  name: string;
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
  /** Whether equal sample ids in two splits are the same image by themselves (OpenImages), without equal names. */
  globalIds?: boolean;
  /**
   * Looks for the images, once.
   *
   * @throws CslError `not-found` when none is there, or with `onMissing: "fail"` when one is missing.
   */
  images(): Promise<SplitImages>;
}

export interface SplitImages {
  /** Only the images that exist, each once. */
  list: ImageList;
  /**
   * The rows of those images, of any table with the samples of the split, in the order of `list`. Samples that have one
   * and the same image are one row.
   */
  selectRows(table: LabelTable): LabelTable;
  /** Number of samples without an image. */
  missing: number;
  /** Texts that are equal for one and the same file or part of a shard, by position of `list`: links are followed. */
  identify(): Promise<(position: number) => string>;
}

/** Texts by position; `readonly string[]` and SampleIds are such. */
export interface Texts {
  readonly length: number;
  at(position: number): string | undefined;
}

/** How messages address the caller: as a function with options, or as a command with flags. */
export interface Wording {
  /** Who speaks, as errors begin. */
  speaker: string;
  /** The name of an option as the caller writes it. */
  optionName: (option: string) => string;
}
