import { readText } from "@csl/internal/files/read-text";
import { parseJson } from "@csl/internal/json/parse-json";
import type { ConfusedPair } from "./confused-classes.js";
import type { Decision, ReliabilityPoint } from "./score-histogram.js";
import type { GalleryKind } from "./scored-images.js";

export const reportName = "report.html";
export const reportDataName = "report-data.json";
export const reportDataFormat = "csl-report-data/1";

/** Images of a split, and its annotations by class. */
export interface SplitFacts {
  images: number;
  /** Samples without an image. */
  missing: number;
  positives: number[];
  negatives: number[];
}

/** What is known of a run when it starts. */
export interface RunFacts {
  /** What `--data` was read as. */
  kind: string;
  /** By output: ids, names, and frequency groups where the data has any. */
  classes: { ids: string[]; names: string[]; groups?: string[] };
  training: SplitFacts;
  validation: SplitFacts;
  /** The prior that the loss uses, by class. */
  prior?: number[];
  /** Of the loss: which un-annotated entries it ignores. */
  loss: { name: string; mode: string; priorThreshold?: number; topK?: number };
  machine: [string, string][];
  /** As config.json has them. */
  settings: Record<string, unknown>;
  /** Why an option has the value that was left to the command. */
  choices: Record<string, { value: number | string; reason: string }>;
}

/** An entry of the gallery. */
export interface Shown {
  classIndex: number;
  probability: number;
  /** The image's name. */
  image: string;
  /** The image in small, as a data URI. */
  src: string;
}

/** The last validation, by the weights that were better in the one before. */
export interface ValidationFacts {
  epoch: number;
  weights: "raw" | "ema";
  images: number;
  /** Of all processes; the other numbers may be of one. */
  ap: (number | null)[];
  positives: number[];
  negatives: number[];
  decisions: ({ best: Decision; half: Decision } | null)[];
  reliability: ReliabilityPoint[];
  gallery: Record<GalleryKind, Shown[]>;
  confused: ConfusedPair[];
  /** Un-annotated entries of the validation. */
  unannotated: number;
}

/** Un-annotated entries of training that were counted, by class. */
export interface IgnoredFacts {
  every: number;
  seen: number[];
  byPrior: number[];
  byLikelihood: number[];
}

/** What report.html shows besides the log: report-data.json of a run folder. */
export interface ReportData {
  format: typeof reportDataFormat;
  facts: RunFacts;
  validation?: ValidationFacts;
  ignored?: IgnoredFacts;
  /** The running mean of the training probabilities. */
  runningPrior?: number[];
}

/** Undefined where there is none, or one of another version. */
export async function readReportData(path: string): Promise<ReportData | undefined> {
  const text = await readText(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  const data = text === undefined ? undefined : (parseJson(text) as Partial<ReportData>);
  return data?.format === reportDataFormat ? (data as ReportData) : undefined;
}
