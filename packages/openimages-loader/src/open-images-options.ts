import type { ClassList, LabelTable } from "@csl/labels";
import type { Expanded } from "./classes/expand-hierarchy.js";
import type { Support } from "./classes/filter-by-support.js";
import type { ImageNames } from "./images/image-names.js";
import type { ConflictPolicy } from "./label-files/label-mark.js";
import type { LabelReport } from "./label-files/label-report.js";
import type { OfficialFiles, OpenImagesVersion } from "./official-files.js";
import type { ProcessedCsv } from "./processed/processed-split.js";

export interface ReadOpenImagesOptions {
  /** The columns of the table. Default: the trainable classes where their list lies in the folder, else all. */
  classes?: ClassList;
  /** Only the trainable classes, where `classes-trainable.txt` lies in the folder. */
  trainable?: boolean;
  /** Human-verified labels of all images, or of the boxable ones only. Default: all, where that file is there. */
  labels?: "human" | "boxable";
  /** Add the machine-generated labels, too. */
  machine?: boolean;
  machineThreshold?: number;
  conflicts?: ConflictPolicy;
  minimumSupport?: Support;
  /** Fill in ancestors of present and descendants of absent classes, where the hierarchy lies in the folder. */
  hierarchy?: boolean;
  /** Files of this version at most. Default: the newest. */
  version?: OpenImagesVersion;
  /** Leave out images without a label among the table's classes. */
  dropUnannotated?: boolean;
  /** Keep an index beside the label files. */
  index?: boolean;
  signal?: AbortSignal;
  onProgress?: (read: number, total: number) => void;
}

export interface OpenImagesReport {
  /** What was taken: `official` label files, or the reference authors' `processed` data.csv. */
  form: "official" | "processed";
  files: OfficialFiles;
  labels: LabelReport | ProcessedCsv["report"];
  hierarchy?: Omit<Expanded, "table">;
  /** What a person should know: what was not there and what was taken instead. */
  notes: string[];
}

/** The labels of one split. */
export interface OpenImages {
  /** Samples are image ids; or paths, where a data.csv has others. */
  table: LabelTable;
  /** [samples], paths of the images below the folder, as the public bucket or data.csv has them. */
  fileNames: ImageNames;
  report: OpenImagesReport;
}

/** The labels of a split in either form of files. */
export interface ReadLabels {
  table: LabelTable;
  fileNames: ImageNames;
  report: Pick<OpenImagesReport, "form" | "labels" | "hierarchy">;
}

/** The options of the readers of both forms, and where they put what a person should know. */
export interface ReadLabelsContext {
  options: ReadOpenImagesOptions;
  notes: string[];
}
