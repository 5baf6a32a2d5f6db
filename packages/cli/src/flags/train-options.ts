import type { DatasetFlags } from "./open-dataset.js";

/** What `dataFlags` parse to. */
export interface DataOptions extends DatasetFlags {
  labels?: string;
  workers: number;
  imageSize: number;
  batchSize: number;
  onUnreadable: "skip" | "fail";
  /** Seconds; 0: for ever. */
  imageTimeout: number;
  engine?: string;
  precision: "float32" | "bf16" | "auto";
  quiet: boolean;
}

/** What `trainFlags` parse to, on top of the data's. */
export interface TrainOptions extends DataOptions {
  lr: number;
  epochs: number;
  stopEpoch?: number;
  weightDecay: number;
  modelName: string;
  modelPath?: string;
  numClasses?: number;
  simulatePartialType?: string;
  simulatePartialParam: number;
  partialLossMode: string;
  clip: number;
  gammaPos: number;
  gammaNeg: number;
  gammaUnann: number;
  alphaPos: number;
  alphaNeg: number;
  alphaUnann: number;
  likelihoodTopk: number;
  priorPath?: string;
  priorThreshold: number;
  pathDest: string;
  head: "linear" | "bottleneck";
  topkScope: "batch" | "sample";
  spareIgnored: boolean;
  decoupled: boolean;
  emaDecay: number;
  emaWarmup: boolean;
  accumulate: number;
  cudaGraphs: boolean;
  augment: "reference" | "none";
  cache: "memory" | "none";
  valSplit: string;
  allowOverlap: boolean;
  validateEvery: number;
  checkpointEvery: number;
  seed: number;
  resume?: string;
  overwrite: boolean;
}
