import type { ClassList } from "@csl/labels";

/** What the readers of all data sets take: their flags, and how they tell where they are. */
export interface ReadOptions {
  /** COCO: which images count as samples. */
  cocoImages?: "annotated" | "all";
  classes?: ClassList | undefined;
  /** OpenImages. */
  machineLabels?: boolean;
  machineThreshold?: number;
  trainableOnly?: boolean;
  minimumSupport?: number;
  expandHierarchy?: boolean;
  signal?: AbortSignal;
  /** Makes a callback that shows a line of progress. */
  progress(label: string): (done: number, total: number) => void;
}
