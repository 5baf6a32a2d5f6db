import type { ImageList } from "@csl/image-batches";
import type { ClassList, LabelTable } from "@csl/labels";
import type { Expanded } from "./expand-hierarchy.js";
import type { Support } from "./filter-by-support.js";
import type { ImageNames } from "./image-names.js";
import type { ConflictPolicy } from "./label-mark.js";
import type { LabelReport } from "./label-report.js";
import type { OfficialFiles, OpenImagesVersion } from "./official-files.js";
import type { ProcessedCsv } from "./processed-csv.js";

export interface OpenImagesOptions {
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
  /** Where the images are: a folder or shards; `false`: do not look. Default: the folder itself. */
  images?: string | false;
  /** Labelled images whose image is not there: leave them out, keep them, or fail. They are counted always. */
  missing?: "drop" | "keep" | "fail";
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
  images: { root: string; looked: boolean; found: number; missing: number; examples: string[] };
  /** What a person should know: what was not there and what was taken instead. */
  notes: string[];
}

/** One split, labels and images by the same positions. */
export interface OpenImagesData {
  table: LabelTable;
  /** [samples], for `createImageLoader`. */
  images: ImageList;
  /** [samples], below the images' root. */
  fileNames: ImageNames;
  report: OpenImagesReport;
}

/** The labels of a split before its images are sought. */
export interface Labelled {
  table: LabelTable;
  fileNames: ImageNames;
  report: Pick<OpenImagesReport, "form" | "labels" | "hierarchy">;
}

/** What the readers of both forms are told, and where they leave what a person should know. */
export interface OpenContext {
  options: OpenImagesOptions;
  notes: string[];
}
