import { dirname, join } from "node:path";
import type { Best } from "@csl/checkpoints";
import type { Split } from "@csl/datasets";
import type { Engine } from "@csl/engine";
import { createImageLoader, type ImageList, type ImageLoaderOptions } from "@csl/image-batches";
import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import { type ClassList, classStatistics, expectSameClasses, type LabelTable } from "@csl/labels";
import { stringifyPrior } from "@csl/partial-loss";
import { type Batch, type Batches, openJsonLines, type TrainTask, train } from "@csl/trainer";
import { closeLoaders, labelledBatches, timeLimits, unreadableNotices } from "../../data/image-loaders.js";
import { judgePrior } from "../../data/judge-prior.js";
import { openDataset } from "../../data/open-dataset.js";
import { type TrainingLabels, trainingLabels } from "../../data/simulated-labels.js";
import { guardOverlap, requireScorable } from "../../data/split-checks.js";
import { startCommandEngine } from "../../engine/start-command-engine.js";
import { writeJson, writeWhole } from "../../files/write-json.js";
import { type Context, defineCommand } from "../../flags/command.js";

import { inputsOf } from "../../flags/read-flags.js";
import { tellUnused } from "../../flags/shared-flags.js";

import { buildModel } from "../../models/build-model.js";
import { locateModel } from "../../models/locate-model.js";
import { earlierBody } from "../../models/model-body.js";
import { formats } from "../../outputs/output-kinds.js";
import { percent } from "../../terminal/format.js";
import { adviseAfterDivergence } from "./advise-after-divergence.js";
import { buildLoss, priorHash } from "./build-loss.js";
import { checkLearnable } from "./check-learnable.js";
import {
  type Choice,
  chooseLearningRate,
  earlierRateChoice,
  withRecordedRate,
} from "./choose-learning-rate.js";
import { withoutOtherLosses } from "./loss-options.js";
import { classWeightsHash } from "./open-class-weights.js";
import { prefetchEpochs } from "./prefetch-epochs.js";
import { flagsWithoutEffect, requireSettings } from "./require-settings.js";
import { flagSettings, requireSameTraining } from "./resume-settings.js";
import { openRunFolder, type RunFolder } from "./run-folder.js";
import { logEntry, loggedSeconds, loggedValidations, writePerClass } from "./run-records.js";
import { showTraining } from "./show-training.js";
import { type SettledOptions, type TrainOptions, trainFlags, unusedTrainFlags } from "./train-flags.js";
import { cardImages, modelCardWriter } from "./write-model-card.js";

/** `csl train`: the reference's train.py on any data set, with what it lacks: resume, EMA weights, saved labels. */
export const trainCommand = defineCommand({
  name: "train",
  summary: "train on COCO, OpenImages, LVIS or label files of your own; flags and defaults of the reference",
  flags: trainFlags,
  run: trainModel,
});

async function trainModel(given: TrainOptions, context: Context): Promise<void> {
  requireSettings(given);
  const options = await withRecordedRate(given);
  tellUnused(unusedTrainFlags, options, context.terminal);
  for (const line of flagsWithoutEffect(options)) context.terminal.info(line);
  await requireSameTraining(options);
  const runFolder = await openRunFolder(options, inputsOf(trainFlags, options));
  try {
    await trainInto(runFolder, options, context);
  } finally {
    await runFolder.release();
  }
}

async function trainInto(
  runFolder: RunFolder,
  given: TrainOptions,
  { terminal, signal }: Context,
): Promise<void> {
  const located =
    given.modelPath === undefined
      ? undefined
      : await locateModel(
          given.modelPath,
          { speaker: "csl train", offline: given.offline, network: given.modelName },
          { terminal, signal },
        );
  const { kind, engine, classes, frequency, training, validation, saveLabels } = await openData(given, {
    terminal,
    signal,
  });
  const captureStep = given.cudaGraphs ? engine.captureStep : undefined;
  const builtLoss = await buildLoss(given, classes, terminal, training.labels);
  const { loss, prior: usedPrior, classWeights } = builtLoss;
  checkLearnable(training.labels, { flags: given, prior: usedPrior, tell: (line) => terminal.info(line) });
  const useless = usedPrior && judgePrior(usedPrior, classStatistics(training.labels).positives);
  if (useless) terminal.info(useless);
  const read = {
    images: training.list.length,
    labels: training.labels.hash(),
    validation: validation.labels.hash(),
    ...(usedPrior && { prior: priorHash(usedPrior) }),
    classWeights: classWeights && classWeightsHash(classWeights),
  };
  await requireSameTraining(given, read);
  const built = await buildModel(given, located, classes, terminal);
  const { model, report: weights } = built;
  const body = built.body ?? (await earlierBody(given.resume));
  const loader = createImageLoader(training.list, loaderOptions(given, { training: true }));
  const valLoader = createImageLoader(validation.list, loaderOptions(given, { training: false }));
  const noticeUnreadable = unreadableNotices([loader.unreadable, valLoader.unreadable], terminal);
  const { options, choice: rateChoice } = await settled(given, async () => {
    const { weightDecay, decoupled, accumulate, clipGradNorm } = given;
    try {
      return await chooseLearningRate(
        {
          ...{ model, loss, classes, accumulate, signal, ...bodyOptions(given) },
          ...(clipGradNorm !== undefined && { clipGradNorm }),
          optimizer: { weightDecay, decoupled },
          batches: everyEpoch((epoch) => labelledBatches(loader.epoch(epoch), training.labels)),
        },
        terminal,
      );
    } catch (error) {
      await closeLoaders([loader, valLoader], terminal);
      model.dispose();
      throw error;
    }
  });
  const at = (name: string): string => join(options.pathDest, name);
  const log = openJsonLines(at("log.jsonl"));
  const choices = {
    ...(rateChoice && { lr: rateChoice }),
    ...(classWeights && { classWeights: classWeights.choice }),
  };
  // How it was started is not what it is: a run that was resumed leaves the same files as one that was not.
  const { resume: _, overwrite: __, ...settings } = withoutOtherLosses(options);
  const config = {
    ...{ ...settings, engine: engine.name, model: model.config },
    ...(body && { body }),
    ...(Object.keys(choices).length > 0 && { choices }),
  };
  const writeCard = modelCardWriter(options.pathDest, {
    ...{ options, engine: engine.name, classes, body },
    data: {
      kind,
      training: cardImages(training.labels, read.images, read.labels),
      validation: cardImages(validation.labels, validation.list.length, read.validation),
    },
  });
  const secondsBefore = options.resume ? await loggedSeconds(join(dirname(options.resume), "log.jsonl")) : 0;
  const started = performance.now();
  let saved = false;
  let best: Best | undefined;
  const writeResult = async ({ best, stopped, seconds }: RunEnd) => {
    const unreadable = [...loader.unreadable, ...valLoader.unreadable];
    // Of the whole run: this may be the rest of one.
    const validations = await loggedValidations(at("log.jsonl"));
    const chance = validations.at(-1)?.raw.chance;
    await writeJson(at("result.json"), {
      best,
      chance,
      stopped,
      seconds: secondsBefore + seconds,
      validations,
      missing: { train: training.missing, validation: validation.missing },
      unreadable,
    });
    return { unreadable, chance };
  };
  try {
    const epochs = options.stopEpoch ?? options.epochs;
    const epochFrom = prefetchEpochs((epoch, from) => loader.epoch(epoch, { from }), {
      batches: loader.batches,
      epochs,
    });
    const events = train({
      model,
      loss,
      classes,
      trainBatches: (epoch) => labelledBatches(epochFrom(epoch), training.labels),
      trainBatchesFrom: (epoch, from) => labelledBatches(epochFrom(epoch, from), training.labels),
      batchesPerEpoch: loader.batches,
      epochs: options.epochs,
      ...(options.stopEpoch === undefined ? {} : { stopEpoch: options.stopEpoch }),
      validationBatches: () => labelledBatches(valLoader.epoch(0), validation.labels),
      validateEvery: options.validateEvery,
      ...(options.patience === undefined ? {} : { patience: options.patience }),
      ...bodyOptions(options),
      ...(options.clipGradNorm === undefined ? {} : { clipGradNorm: options.clipGradNorm }),
      optimizer: { lr: options.lr, weightDecay: options.weightDecay, decoupled: options.decoupled },
      ema: { decay: options.emaDecay, warmup: options.emaWarmup },
      accumulate: options.accumulate,
      ...(captureStep && { captureStep }),
      runningPrior: true,
      checkpointFolder: options.pathDest,
      overwrite: true, // openRunFolder has checked the folder
      ...(options.checkpointEvery > 0 && { checkpointEverySteps: options.checkpointEvery }),
      config,
      // What decides the batches, the loss and the score; a resume with others would be another run.
      settings: { ...flagSettings(options), ...read },
      allowChanges: options.allowChanges,
      ...(options.resume === undefined ? {} : { resume: options.resume }),
      signal,
    });
    const end = await showTraining(events, terminal, {
      epochs,
      numClasses: classes.size,
      validationImages: validation.list.length,
      record: async (event) => {
        noticeUnreadable();
        runFolder.assertHeld();
        if (event.type === "start") {
          // Not before: a run that is refused leaves the folder as it is.
          await runFolder.begin();
          await saveLabels();
          await writeJson(at("config.json"), { ...config, ...(event.changes && { changes: event.changes }) });
          if (weights) await writeJson(at("weights.json"), { format: formats.weights, ...weights });
        }
        saved ||= event.type === "checkpoint" && event.kind === "last";
        const elapsed = secondsBefore + (performance.now() - started) / 1000;
        await log.write(logEntry(event, { numClasses: classes.size, elapsed }));
        if (event.type === "validation") {
          best = event.best;
          if (event.improved) await writePerClass(at("per-class.csv"), event, { classes, frequency });
        }
        // At each epoch, so that a run that is killed leaves one, too.
        if ((event.type === "epoch" || event.type === "end") && event.prior)
          await writeWhole(at("prior.json"), stringifyPrior(event.prior));
        await writeCard(event);
      },
    });
    const { unreadable, chance } = await writeResult(end);
    if (unreadable.length > 0)
      terminal.info(
        `${unreadable.length === 1 ? "1 image" : `${unreadable.length} images`} could not be read; listed in ${at("result.json")}`,
      );
    if (end.best) {
      const weights = end.best.weights === "ema" ? "averaged weights" : "raw weights";
      terminal.print(
        `best mAP(C) ${percent(end.best.score)}${chance ? ` (chance ${percent(chance.mapC)})` : ""} with ${weights}, epoch ${end.best.epoch + 1}: ${at("best.safetensors")}`,
      );
    }
    if (end.stopped === "patience")
      terminal.print(
        `ended early: ${options.patience} ${options.patience === 1 ? "validation" : "validations"} without a better best (--patience)`,
      );
    if (end.stopped === "aborted")
      terminal.print(`stopped; the same command continues with --resume ${at("last.safetensors")}`);
  } catch (error) {
    if (saved)
      await writeResult({
        best,
        stopped: "failed",
        seconds: (performance.now() - started) / 1000,
      }).catch(() => {}); // the error itself says more
    const last = saved ? at("last.safetensors") : options.resume;
    if (isCslError(error, "not-finite")) terminal.info(adviseAfterDivergence(options, last));
    else if (saved)
      terminal.info(`the training ended with an error; the same command continues with --resume ${last}`);
    throw error;
  } finally {
    await log.close();
    await closeLoaders([loader, valLoader], terminal);
    model.dispose();
  }
}

/** How a run ended. */
interface RunEnd {
  best?: Best | undefined;
  stopped?: "aborted" | "failed" | "patience" | undefined;
  seconds: number;
}

/** Images with the labels of their rows, and how many samples have no image. */
interface LabelledImages {
  list: ImageList;
  labels: LabelTable;
  missing: number;
}

interface TrainingData {
  /** What `--data` was read as. */
  kind: string;
  engine: Engine;
  classes: ClassList;
  frequency: Split["frequency"];
  training: LabelledImages;
  validation: LabelledImages;
  saveLabels: TrainingLabels["save"];
}

/** Reads both splits, and starts the engine once it is known that they are there. */
async function openData(options: TrainOptions, { terminal, signal }: Context): Promise<TrainingData> {
  const dataset = await openDataset(options, terminal, { reportFolder: options.pathDest, signal });
  for (const split of ["train", options.valSplit]) await dataset.requireSplit(split);
  const engine = await startCommandEngine(options, terminal, { advice: true });
  if (options.cudaGraphs) requireCaptureStep(engine);
  const trainSplit = await dataset.split("train");
  const { classes } = trainSplit.truth;
  const valSplit = await dataset.split(options.valSplit, { classes });
  expectSameClasses(classes, valSplit.truth.classes, "csl train");
  await guardOverlap(trainSplit, valSplit, {
    allow: options.allowOverlap,
    tell: (line) => terminal.info(line),
  });
  const { table, save } = await trainingLabels(trainSplit, options, terminal);
  const training = await withLabels(trainSplit, table);
  const validation = await withLabels(valSplit, valSplit.truth);
  requireScorable(valSplit.name, validation.labels);
  if (training.list.length < options.batchSize)
    throw new CslError(
      "invalid-argument",
      `csl train: expected at least a batch of training images (--batch-size ${options.batchSize}), got ${training.list.length}. Lower --batch-size.`,
    );
  return {
    kind: dataset.kind,
    engine,
    classes,
    frequency: trainSplit.frequency,
    training,
    validation,
    saveLabels: save,
  };
}

async function withLabels(split: Split, table: LabelTable): Promise<LabelledImages> {
  const { list, missing, selectRows } = await split.images();
  return { list, labels: selectRows(table), missing };
}

/** @throws CslError when the engine records no steps: the training would be slower than asked for. */
function requireCaptureStep({ captureStep, name, device }: Engine): void {
  if (captureStep) return;
  throw new CslError(
    "unsupported",
    `csl train: expected an engine that replays CUDA graphs for --cuda-graphs, got ${name} on ${device}. ` +
      "Use --engine torch-cuda with CUDA's headers installed, or leave --cuda-graphs out: the numbers are the same.",
  );
}

/** Batches of one epoch after another, for as long as somebody asks for them. */
async function* everyEpoch(batchesOf: (epoch: number) => Batches): AsyncGenerator<Batch, void, undefined> {
  for (let epoch = 0; ; epoch++) yield* batchesOf(epoch);
}

/** The options with a learning rate: the given one, or with `--lr auto` the one that `choose` finds. */
async function settled(
  given: TrainOptions,
  choose: () => Promise<{ lr: number; choice: Choice }>,
): Promise<{ options: SettledOptions; choice?: Choice | undefined }> {
  const { lr } = given;
  if (lr !== "auto") return { options: { ...given, lr }, choice: await earlierRateChoice(given) };
  const chosen = await choose();
  return { options: { ...given, lr: chosen.lr }, choice: chosen.choice };
}

/** How the body is trained otherwise than the head. */
function bodyOptions({ freezeBody, bodyLrScale }: TrainOptions): Pick<TrainTask, "body"> {
  if (freezeBody === undefined && bodyLrScale === undefined) return {};
  return {
    body: {
      ...(freezeBody !== undefined && { freezeEpochs: freezeBody }),
      ...(bodyLrScale !== undefined && { lrScale: bodyLrScale }),
    },
  };
}

function loaderOptions(
  options: TrainOptions,
  { training }: { training: boolean },
): ImageLoaderOptions<"uint8"> {
  const { imageSize, batchSize, seed, workers, onUnreadable, cache, accumulate } = options;
  return {
    ...timeLimits(options),
    size: imageSize,
    batchSize,
    seed,
    workers,
    cache,
    shuffle: training,
    augment: training ? options.augment : "none",
    dropLast: training,
    // In training another image takes the place, so that every batch is full and places stay what they are.
    onUnreadable: training && onUnreadable === "skip" ? "replace" : onUnreadable,
    dtype: "uint8",
    // Accumulated batches are held together; a single one is no longer needed when the next is asked for.
    reuse: accumulate === 1,
  };
}
