import type { Flag } from "./flag.js";

/** Flags that say which labels and images, for every command that reads a data set. */
export const datasetFlags: readonly Flag[] = [
  [
    "--data <path>",
    "a COCO, LVIS or OpenImages folder as downloaded, or your own train.csv / labels.csv (path,positives,negatives)",
    "./data/COCO_2014",
  ],
  [
    "--dataset <kind>",
    "coco, openimages, lvis or custom; auto tells by the files",
    "auto",
    ["auto", "coco", "openimages", "lvis", "custom"],
  ],
  [
    "--images <where>",
    "a folder, or shards (train-{000000..000554}.tar), when they are not beside the labels",
  ],
  ["--on-missing <what>", "drop and count samples without an image, or fail", "drop", ["drop", "fail"]],
  [
    "--coco-images <which>",
    "COCO: annotated: images with at least one annotation, as the reference; all",
    "annotated",
    ["annotated", "all"],
  ],
  ["--machine-labels", "OpenImages: also machine-generated labels for training", false],
  ["--machine-threshold <number>", "OpenImages: machine labels from this confidence on are positive", 0.5],
  [
    "--trainable-only",
    "OpenImages: only the classes of the official trainable list, where it is there",
    true,
  ],
  ["--no-trainable-only", "OpenImages: every described class"],
  ["--minimum-support <number>", "OpenImages: only classes with this many training positives", 0],
  [
    "--expand-hierarchy",
    "OpenImages: a present class makes its parents present, an absent one its children absent",
    false,
  ],
];
