import type { ComputeOptions } from "../ranking/metric-accumulator.js";

/** One paper's or tool's way from scores and labels to a number. */
export type Protocol = {
  /** Short name, stable. */
  name: string;
  /** Papers and tools that use it. */
  usedBy: string;
  /** Which number the authors print as "mAP". */
  headline: "mapC" | "mapO" | "micro";
  /** Differences from evaluate()'s defaults; what the accumulator was made for does not matter. */
  options: ComputeOptions;
  /** Only the classes that the data set declares trainable, where it does. */
  trainableOnly?: boolean;
  /** Also the mAP of each group of classes: by training annotations (G1 … G5) or by the data set's r/c/f. */
  groups?: "annotations" | "frequency";
  /** Takes the support filter of the call. */
  supportFilter?: boolean;
  /** The authors evaluate on fully annotated images; on partial labels this is not their number. */
  needsFullLabels?: boolean;
};

/**
 * The protocols under which multi-label results are published, as a table. All read the same scores and labels; they
 * differ in what they do with un-annotated entries, with equal scores, with the area under the curve and with classes
 * that lack positives or negatives.
 */
export const protocols: readonly Protocol[] = [
  {
    name: "csl",
    usedBy: "CSL, ASL and ML-Decoder on OpenImages and LVIS: annotated labels only (AP_partial)",
    headline: "mapC",
    options: { ties: "rank" },
  },
  {
    name: "annotated",
    usedBy: "this package's default, mlcpl: annotated labels only, equal scores as one step",
    headline: "mapC",
    options: {},
  },
  {
    name: "annotated-supported",
    usedBy: "the same without classes that have few positives",
    headline: "mapC",
    options: {},
    supportFilter: true,
  },
  {
    name: "openimages",
    usedBy: "OpenImages at image level: trainable classes with a label in the split",
    headline: "mapC",
    options: { emptyClass: "skip-unlabelled" },
    trainableOnly: true,
  },
  {
    name: "openimages-v3",
    usedBy: "OpenImages V3 tables (Large Loss, curriculum labelling): five groups by training annotations",
    headline: "mapC",
    options: { emptyClass: "skip-unlabelled" },
    trainableOnly: true,
    groups: "annotations",
  },
  {
    name: "un-annotated-negative",
    usedBy: "the plain mAP of the ASL family's code, meant for COCO; far too low on partial labels",
    headline: "mapC",
    options: { unannotated: "negative", ties: "rank", emptyClass: "zero" },
    needsFullLabels: true,
  },
  {
    name: "full-labels",
    usedBy: "ROLE, Large Loss, EM+APL, VLPL, GR: single positive training, fully annotated test images",
    headline: "mapC",
    options: { unannotated: "negative", emptyClass: "zero" },
    needsFullLabels: true,
  },
  {
    name: "voc07",
    usedBy: "PASCAL VOC 2007: 11 points, difficult (here un-annotated) entries left out",
    headline: "mapC",
    options: { interpolation: "voc07", emptyClass: "skip-without-positives" },
  },
  {
    name: "voc10",
    usedBy: "PASCAL VOC 2010 and later, HCP, SARB: area under the monotone envelope",
    headline: "mapC",
    options: { interpolation: "voc10", emptyClass: "skip-without-positives" },
  },
  {
    name: "lvis",
    usedBy: "LVIS at image level: 101 points, rare, common and frequent classes",
    headline: "mapC",
    options: { interpolation: "coco101", emptyClass: "skip-without-positives" },
    groups: "frequency",
  },
  {
    name: "lvis-reproduction",
    usedBy: "P_ASL_LVIS_reproduce: annotated labels only, classes without positives count as 0",
    headline: "mapC",
    options: { ties: "rank", emptyClass: "zero" },
  },
  {
    name: "mmpretrain",
    usedBy: "mmpretrain's AveragePrecision: annotated labels only, classes without positives count as 0",
    headline: "mapC",
    options: { ties: "rank", emptyClass: "zero" },
  },
  {
    name: "torchmetrics",
    usedBy:
      'torchmetrics\' multilabel_average_precision(average="macro", ignore_index=-1); it fails on an un-annotated class, which is 0 here',
    headline: "mapC",
    options: { emptyClass: "zero" },
  },
  {
    name: "micro",
    usedBy: 'scikit-learn\'s average="micro", "overall" AP: all annotated entries in one ranking',
    headline: "micro",
    options: { micro: true, emptyClass: "skip-unlabelled" },
  },
];
