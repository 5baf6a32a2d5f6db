import type { Progress, SettingsChange } from "@csl/checkpoints";
import type { FileLock } from "@csl/internal/files/file-lock";
import type { ClassPriorEstimator, TrainingLoss } from "@csl/partial-loss";
import type { Adam } from "./optimizer/adam.js";
import { type Ema, swapEmaWeights } from "./optimizer/ema.js";
import type { Schedule } from "./optimizer/one-cycle.js";
import type { Learner } from "./step/learner.js";
import type { TrainTask } from "./task.js";
import type { Throughput } from "./throughput.js";

/** Everything that lives as long as one `train` call. */
export interface Run {
  task: TrainTask;
  numClasses: number;
  stepsPerEpoch: number;
  stopEpoch: number;
  /** Batches per optimizer step. */
  accumulate: number;
  schedule: Schedule;
  adam: Adam;
  ema: Ema | undefined;
  prior: ClassPriorEstimator | undefined;
  /** The task's loss, if it changes while the model trains. */
  changing: TrainingLoss | undefined;
  /** Of the checkpoint folder: one run at a time writes into it. */
  lock: FileLock | undefined;
  /** Of the epoch: see `learnerOf`. */
  learner: (Learner & { frozen: boolean }) | undefined;
  progress: Progress;
  /** A training batch has been asked for and has not come: weights, optimizer and progress belong together. */
  waiting: boolean;
  /** What a resume must find unchanged. */
  settings: Record<string, unknown>;
  /** What resumes have changed of them, this one included. */
  changes: SettingsChange[];
  throughput: Throughput;
  /** A rank was asked to stop, and all have agreed to. */
  stopping: boolean;
  now: () => number;
}

/** Frees what `startRun` made. The model keeps its weights, or the averages by `finalWeights: "ema"`. */
export function disposeRun(
  { task, adam, ema, learner }: Run,
  { finished = false }: { finished?: boolean } = {},
): void {
  if (finished && ema && task.finalWeights === "ema") swapEmaWeights(task.model, ema);
  learner?.captured?.dispose();
  learner?.recorded?.dispose();
  if (task.syncBn) task.model.syncNorms?.();
  adam.dispose();
  ema?.dispose();
}

export function startOfRun(): Progress {
  return { epoch: 0, batch: 0, trained: false, ...noLosses };
}

/** The same run at the start of its next epoch. */
export function nextEpoch(progress: Progress): Progress {
  return { ...progress, epoch: progress.epoch + 1, batch: 0, trained: false, ...noLosses };
}

const noLosses = { lossSum: 0, lossSteps: 0, lossImages: 0 };
