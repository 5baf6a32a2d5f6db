import { access } from "node:fs/promises";
import { CslError } from "@csl/internal/errors/csl-error";
import type { ClassList } from "@csl/labels";
import type { Split, Wording } from "../dataset.js";

/** How the files of a data set are read. Each option concerns some kinds of data sets; the others ignore it. */
export interface ReadOptions {
  /** COCO: which images count as samples: those with an annotation, or all. Default "annotated". */
  cocoImages?: "annotated" | "all";
  /** OpenImages: add the machine-generated labels of the training split. Default false. */
  machineLabels?: boolean;
  /** OpenImages: machine labels from this confidence on are positive. Default 0.5. */
  machineThreshold?: number;
  /** OpenImages: only the trainable classes, where their list is in the folder. Default true. */
  trainableOnly?: boolean;
  /** OpenImages: only classes with so many positives. Default 0. */
  minimumSupport?: number;
  /** OpenImages: fill in ancestors of present and descendants of absent classes. Default false. */
  expandHierarchy?: boolean;
  signal?: AbortSignal;
}

/** What a reader gets besides the path and the split. */
export interface ReadContext extends ReadOptions {
  /** The classes of the result. Default: the data set's own. */
  classes: ClassList | undefined;
  wording: Wording;
  /** Makes a callback that shows a line of progress. */
  progress(label: string): (done: number, total: number) => void;
}

/** What a reader knows about a split before its images are looked for. */
export interface SplitFiles {
  labels: Omit<Split, "name" | "images">;
  /** What a person should know about the split: rows merged, classes unknown, lines that could not be read. */
  notes: string[];
  /** The same about a file that other splits may come from as well: reported once. They name the file. */
  fileNotes?: string[];
  /** Splits that the same file has, where only reading it tells. */
  otherSplits?: readonly string[];
  /** Other paths of the images that are not at theirs, tried in order. */
  otherPaths?: readonly ((fileName: string) => string)[];
  /** Images of a split may be in shards that are named like another one (LVIS takes COCO's of any split). */
  anyShards?: boolean;
  /** The samples' ids name their images, wherever below the root these are (OpenImages). */
  findById?: { split?: string };
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The names that tools give a split, the asked one first. */
export function splitNames(split: string): string[] {
  const same = [
    ["train", "training"],
    ["val", "valid", "validation"],
    ["test", "testing"],
  ].find((names) => names.includes(split));
  return [split, ...(same ?? []).filter((name) => name !== split)];
}

/** The first of `paths` that is there. @throws CslError `not-found`: `message`, what was tried, and the way out. */
export async function firstExisting(
  paths: readonly string[],
  message: string,
  wayOut: string,
): Promise<string> {
  for (const path of paths) if (await exists(path)) return path;
  throw new CslError("not-found", `${message} Looked for ${paths.join(", ")}. ${wayOut}`);
}

/** A note about something that was counted; none for 0. */
export function countNote(count: number, what: string): string[] {
  return count > 0 ? [`${count} ${what}`] : [];
}
