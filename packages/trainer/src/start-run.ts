import { join } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { checkRange } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import { describeFiles, earlierFiles, isSameFile } from "@csl/internal/files/earlier-files";
import { type FileLock, lockFile } from "@csl/internal/files/file-lock";
import { removeTemporaryFiles } from "@csl/internal/files/temporary-files";
import { ClassPriorEstimator } from "@csl/partial-loss";
import { bodyLrScale, bodySettings, checkBody, checkBodyOptions } from "./body.js";
import { shareStart } from "./distributed/share-start.js";
import { checkSyncBn, syncNorms } from "./distributed/sync-norms.js";
import { createAdam } from "./optimizer/adam.js";
import { createEma } from "./optimizer/ema.js";
import { oneCycle } from "./optimizer/one-cycle.js";
import { restoreRun } from "./resume.js";
import { disposeRun, type Run, startOfRun } from "./run.js";
import type { TrainTask } from "./task.js";
import { createThroughput } from "./throughput.js";

/**
 * Checks the task, makes optimizer, averages and schedule, and restores them from `resume`.
 *
 * @throws for anything that would only fail later: counts, the output folder, a foreign checkpoint; for a folder that
 * holds another run.
 */
export async function startRun(task: TrainTask): Promise<Run> {
  checkTask(task);
  const { model, epochs, stopEpoch = epochs, batchesPerEpoch, accumulate = 1, classes } = task;
  const { lr = 2e-4, weightDecay = 1e-4, decoupled = false, pctStart = 0.2 } = task.optimizer ?? {};
  const ranks = task.collectives?.size ?? 1;
  const writes = (task.collectives?.rank ?? 0) === 0;
  if (writes) await refuseEarlierRun(task);
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
    lock: undefined,
    changing: typeof task.loss === "function" ? undefined : task.loss,
    learner: undefined,
    adam: createAdam(model.parameters(), { weightDecay, decoupled, lrScale: bodyLrScale(task.body) }),
    progress: startOfRun(),
    waiting: false,
    settings: {
      epochs,
      // Over all ranks: a step of two ranks is one of a process that accumulates two batches, and either resumes the other.
      batchesPerEpoch: batchesPerEpoch * ranks,
      accumulate: accumulate * ranks,
      lr,
      weightDecay,
      decoupled,
      pctStart,
      ema: emaOptions ? { decay, warmup } : false,
      // Only where it is asked for, so that checkpoints of earlier versions can be resumed.
      ...(task.clipGradNorm !== undefined && { clipGradNorm: task.clipGradNorm }),
      ...(task.syncBn && { syncBn: true }),
      ...bodySettings(task.body),
      ...task.settings,
    },
    changes: [],
    throughput: createThroughput(now),
    stopping: false,
    now,
  };
  try {
    if (task.resume !== undefined && writes) await restoreRun(run, task.resume);
    // Last, so that a run that is refused leaves no folder.
    if (task.checkpointFolder !== undefined && writes) run.lock = await takeFolder(task.checkpointFolder);
    if (task.collectives) await shareStart(run, task.collectives);
    if (task.syncBn) syncNorms(task);
    return run;
  } catch (error) {
    disposeRun(run);
    await run.lock?.release();
    throw error;
  }
}

function checkTask(task: TrainTask): void {
  checkOptions("train", task, {
    model: true,
    loss: true,
    trainBatches: true,
    trainBatchesFrom: true,
    batchesPerEpoch: true,
    epochs: true,
    stopEpoch: true,
    classes: true,
    validationBatches: true,
    validateEvery: true,
    onTrainBatch: true,
    onValidationBatch: true,
    patience: true,
    score: true,
    optimizer: true,
    body: true,
    clipGradNorm: true,
    ema: true,
    accumulate: true,
    captureStep: true,
    runningPrior: true,
    checkpointFolder: true,
    overwrite: true,
    checkpointEverySteps: true,
    config: true,
    settings: true,
    resume: true,
    allowChanges: true,
    signal: true,
    finalWeights: true,
    collectives: true,
    syncBn: true,
    now: true,
  });
  const { optimizer = {}, ema = {} } = task;
  checkOptions("train: optimizer", optimizer, {
    lr: true,
    weightDecay: true,
    decoupled: true,
    pctStart: true,
  });
  if (ema !== false) checkOptions("train: ema", ema, { decay: true, warmup: true });
  checkBodyOptions("train", task.body);
  // A recorded step does the same at every batch.
  if (typeof task.loss !== "function" && task.captureStep)
    throw new CslError(
      "unsupported",
      "train: expected a loss that is the same at every batch for captureStep, got one that changes with the training. Leave captureStep out.",
    );
  if (task.syncBn) checkSyncBn(task);
  checkNumbers(task);
  checkBody(task);
}

/** Before anything is made that would have to be freed. */
function checkNumbers({ epochs, stopEpoch = epochs, batchesPerEpoch, ...task }: TrainTask): void {
  const { accumulate = 1, validateEvery = 1, checkpointEverySteps = 1, optimizer = {}, ema = {} } = task;
  const { patience = 1, clipGradNorm = 1 } = task;
  const counts = {
    ...{ epochs, stopEpoch, batchesPerEpoch, accumulate },
    ...{ validateEvery, patience, checkpointEverySteps },
  };
  for (const [name, value] of Object.entries(counts))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new CslError(
        "invalid-argument",
        `train: expected ${name} to be a whole number from 1 on, got ${value}.`,
      );
  if (stopEpoch > epochs)
    throw new CslError(
      "invalid-argument",
      `train: expected stopEpoch up to the ${epochs} epochs of the schedule, got ${stopEpoch}. Raise epochs.`,
    );
  if (task.patience !== undefined && !task.validationBatches)
    throw new CslError(
      "invalid-argument",
      `train: expected validationBatches for patience, which counts validations, got none. Pass both or neither.`,
    );
  checkRange("train", "clipGradNorm", clipGradNorm, { above: 0 });
  const { lr = 2e-4, weightDecay = 1e-4, decoupled = false, pctStart = 0.2 } = optimizer;
  checkRange("train", "optimizer.lr", lr, { above: 0 });
  checkRange("train", "optimizer.weightDecay", weightDecay, { from: 0 });
  checkRange("train", "optimizer.pctStart", pctStart, { from: 0, to: 1 });
  // A decoupled step leaves 1 - lr · decay of a weight.
  if (decoupled) checkRange("train", "optimizer.lr · optimizer.weightDecay", lr * weightDecay, { below: 1 });
  if (ema !== false) checkRange("train", "ema.decay", ema.decay ?? 0, { from: 0, below: 1 });
}

/**
 * A second run in the folder of a first one would overwrite its checkpoints.
 *
 * @throws when `checkpointFolder` holds checkpoints, unless the run resumes from its `last` or may `overwrite` them.
 */
async function refuseEarlierRun({
  checkpointFolder,
  resume,
  overwrite = false,
}: Pick<TrainTask, "checkpointFolder" | "resume" | "overwrite">): Promise<void> {
  if (checkpointFolder === undefined || overwrite) return;
  const last = join(checkpointFolder, "last.safetensors");
  if (resume !== undefined && (await isSameFile(resume, last))) return;
  const found = await earlierFiles(checkpointFolder, ["last.safetensors", "best.safetensors"]);
  if (!found) return;
  const goOn = found.names.includes("last.safetensors") ? `pass resume: "${last}" or ` : "";
  throw new CslError(
    "already-exists",
    `train: expected a checkpointFolder without checkpoints of another run, got ${checkpointFolder} with ` +
      `${describeFiles(found)}. To keep them, ${goOn}choose another folder; to lose them, pass overwrite: true.`,
  );
}

/**
 * Makes the folder, proves that files can be written into it, and keeps other runs out of it. Removes the temporary
 * files that killed runs left there.
 *
 * @throws CslError `in-use` naming the run that is at work there; `cannot-write` with the system's reason.
 */
async function takeFolder(folder: string): Promise<FileLock> {
  const lock = await lockFile(join(folder, "train.lock"), { speaker: "train" });
  await removeTemporaryFiles(folder, { alone: true });
  return lock;
}
