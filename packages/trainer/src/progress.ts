import type { Best } from "./train-event.js";

/** Where a run stands; JSON, so that a checkpoint can hold it. */
export interface Progress {
  epoch: number;
  /** Batches of this epoch that are behind. */
  batch: number;
  /** The epoch's training is done; what is due is its validation. */
  trained: boolean;
  /** Sum and number of the epoch's step losses. */
  lossSum: number;
  lossSteps: number;
  best?: Best;
  /** Sums of the training probabilities per class, and the images behind them. */
  prior?: { sums: number[]; count: number };
}

export function startOfRun(): Progress {
  return { epoch: 0, batch: 0, trained: false, lossSum: 0, lossSteps: 0 };
}

/** The same run at the start of its next epoch. */
export function nextEpoch(progress: Progress): Progress {
  return { ...progress, epoch: progress.epoch + 1, batch: 0, trained: false, lossSum: 0, lossSteps: 0 };
}
