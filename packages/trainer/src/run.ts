import { ClassPriorEstimator } from "@csl/partial-loss";
import { type Adam, createAdam } from "./adam.js";
import { type CapturedGradients, capturedGradients } from "./captured-gradients.js";
import { createEma, type Ema, swapEmaWeights } from "./ema.js";
import { ensureWritableFolder } from "./ensure-writable-folder.js";
import { keepEarlierRun } from "./keep-earlier-run.js";
import { oneCycle, type Schedule } from "./one-cycle.js";
import { type Progress, startOfRun } from "./progress.js";
import { restoreRun } from "./resume.js";
import type { TrainTask } from "./task.js";
import { createThroughput, type Throughput } from "./throughput.js";

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
  /** With the task's `captureStep`. */
  captured: CapturedGradients | undefined;
  progress: Progress;
  /** A training batch has been asked for and has not come: weights, optimizer and progress belong together. */
  waiting: boolean;
  /** What a resume must find unchanged. */
  settings: Record<string, unknown>;
  throughput: Throughput;
  now: () => number;
}

/**
 * Checks the task, makes optimizer, averages and schedule, and restores them from `resume`.
 *
 * @throws for anything that would only fail later: counts, the output folder, a foreign checkpoint; for a folder that
 * holds another run.
 */
export async function startRun(task: TrainTask): Promise<Run> {
  const { model, epochs, stopEpoch = epochs, batchesPerEpoch, accumulate = 1, classes } = task;
  const { lr = 2e-4, weightDecay = 1e-4, decoupled = false, pctStart = 0.2 } = task.optimizer ?? {};
  for (const [name, value] of Object.entries({ epochs, stopEpoch, batchesPerEpoch, accumulate }))
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`train: expected ${name} to be a whole number from 1 on, got ${value}.`);
  if (stopEpoch > epochs)
    throw new Error(
      `train: expected stopEpoch up to the ${epochs} epochs of the schedule, got ${stopEpoch}. Raise epochs.`,
    );
  await keepEarlierRun(task);
  const stepsPerEpoch = Math.ceil(batchesPerEpoch / accumulate);
  const now = task.now ?? (() => performance.now());
  const emaOptions = task.ema ?? {};
  const { decay = 0.9997, warmup = false } = emaOptions || {};
  const run: Run = {
    task,
    numClasses: classes.ids.length,
    stepsPerEpoch,
    stopEpoch,
    accumulate,
    schedule: oneCycle({ maxLr: lr, totalSteps: epochs * stepsPerEpoch, pctStart }),
    prior: task.runningPrior ? new ClassPriorEstimator(classes.ids) : undefined,
    ema: emaOptions ? createEma(model, { decay, warmup }) : undefined,
    captured: task.captureStep && capturedGradients(task, task.captureStep, { lasting: accumulate > 1 }),
    adam: createAdam(model.parameters(), { weightDecay, decoupled }),
    progress: startOfRun(),
    waiting: false,
    settings: {
      epochs,
      batchesPerEpoch,
      accumulate,
      lr,
      weightDecay,
      decoupled,
      pctStart,
      ema: emaOptions ? { decay, warmup } : false,
      ...task.settings,
    },
    throughput: createThroughput(now),
    now,
  };
  try {
    if (task.resume !== undefined) await restoreRun(run, task.resume);
    // Last, so that a run that is refused leaves no folder.
    if (task.checkpointFolder !== undefined) await ensureWritableFolder("train", task.checkpointFolder);
    return run;
  } catch (error) {
    disposeRun(run);
    throw error;
  }
}

/** Frees what `startRun` made. The model keeps its weights, or the averages by `finalWeights: "ema"`. */
export function disposeRun(
  { task, adam, ema, captured }: Run,
  { finished = false }: { finished?: boolean } = {},
): void {
  if (finished && ema && task.finalWeights === "ema") swapEmaWeights(task.model, ema);
  captured?.dispose();
  adam.dispose();
  ema?.dispose();
}
