import { join } from "node:path";
import { schemeNamed } from "@csl/coco-simulation";
import { createImageLoader } from "@csl/image-batches";
import { expectSameClasses } from "@csl/labels";
import { stringifyPrior } from "@csl/partial-loss";
import { openJsonLines, train } from "@csl/trainer";
import { guardOverlap } from "../../checks/guard-overlap.js";
import { requireScorable } from "../../checks/require-scorable.js";
import type { Context } from "../../context.js";
import { closeLoaders } from "../../engine/close-loaders.js";
import { startCommandEngine } from "../../engine/start-command-engine.js";
import { unreadableNotices } from "../../engine/unreadable-notices.js";
import { writeJson, writeWhole } from "../../files/write-json.js";
import { openDataset } from "../../flags/open-dataset.js";
import { requirePaths } from "../../flags/require-paths.js";
import { requireRanges } from "../../flags/require-ranges.js";
import { requireWritable } from "../../flags/require-writable.js";
import { timeLimits } from "../../flags/time-limits.js";
import type { TrainOptions } from "../../flags/train-options.js";
import { buildModel } from "../../models/build-model.js";
import { modelVariant } from "../../models/model-names.js";
import { percent } from "../../terminal/percent.js";
import { buildLoss } from "./build-loss.js";
import { captureStepOf } from "./capture-step-of.js";
import { compactEvent } from "./compact-event.js";
import { epochsAhead } from "./epochs-ahead.js";
import { labelledBatches } from "./labelled-batches.js";
import { loggedValidations } from "./logged-validations.js";
import { policyOf } from "./policy-of.js";
import { openRunFolder } from "./run-folder.js";
import { showTraining } from "./show-training.js";
import { trainingLabels } from "./training-labels.js";
import { writePerClass } from "./write-per-class.js";

/** `csl train`: the reference's train.py on any data set, with what it lacks: resume, EMA weights, saved labels. */
export async function trainCommand(options: TrainOptions, { terminal, signal }: Context): Promise<void> {
  requireRanges("csl train", options);
  requireSettings(options);
  await requirePaths("csl train", options);
  await requireWritable("csl train", "--path-dest", options.pathDest);
  const runFolder = await openRunFolder(options);
  const dataset = await openDataset(options, terminal, { reportFolder: options.pathDest, signal });
  for (const split of ["train", options.valSplit]) await dataset.requireSplit(split);
  const engine = await startCommandEngine(options, terminal);
  const captureStep = options.cudaGraphs ? captureStepOf(engine) : undefined;
  const trainSplit = await dataset.split("train");
  const { frequency } = trainSplit;
  const { classes } = trainSplit.truth;
  const valSplit = await dataset.split(options.valSplit, { classes });
  expectSameClasses(classes, valSplit.truth.classes, "csl train");
  guardOverlap(trainSplit, valSplit, { allow: options.allowOverlap, tell: (line) => terminal.info(line) });
  const allLabels = await trainingLabels(trainSplit, options, terminal);
  const images = await trainSplit.images();
  const valImages = await valSplit.images();
  const labels = images.selectRows(allLabels.table);
  const valLabels = valImages.selectRows(valSplit.truth);
  requireScorable(valSplit.name, valLabels);
  if (images.list.length < options.batchSize)
    throw new Error(
      `csl: expected at least a batch of training images (--batch-size ${options.batchSize}), got ${images.list.length}. Lower --batch-size.`,
    );
  const model = await buildModel(options, classes, terminal);
  const loss = await buildLoss(options, classes, terminal);
  const loader = createImageLoader(
    images.list,
    loaderOptions(options, { shuffle: true, augment: options.augment }),
  );
  const valLoader = createImageLoader(
    valImages.list,
    loaderOptions(options, { shuffle: false, augment: "none" }),
  );
  const logPath = join(options.pathDest, "log.jsonl");
  const log = openJsonLines(logPath);
  const config = { ...options, engine: engine.name, model: model.config };
  const noticeUnreadable = unreadableNotices([loader.unreadable, valLoader.unreadable], terminal);
  const last = join(options.pathDest, "last.safetensors");
  let saved = false;
  try {
    const epochs = options.stopEpoch ?? options.epochs;
    const epochFrom = epochsAhead((epoch, from) => loader.epoch(epoch, { from }), {
      batches: loader.batches,
      epochs,
    });
    const outcome = await showTraining(
      train({
        model,
        loss,
        classes,
        trainBatches: (epoch) => labelledBatches(epochFrom(epoch), labels),
        trainBatchesFrom: (epoch, from) => labelledBatches(epochFrom(epoch, from), labels),
        batchesPerEpoch: loader.batches,
        epochs: options.epochs,
        ...(options.stopEpoch === undefined ? {} : { stopEpoch: options.stopEpoch }),
        validationBatches: () => labelledBatches(valLoader.epoch(0), valLabels),
        validateEvery: options.validateEvery,
        optimizer: { lr: options.lr, weightDecay: options.weightDecay, decoupled: options.decoupled },
        ema: { decay: options.emaDecay, warmup: options.emaWarmup },
        accumulate: options.accumulate,
        ...(captureStep && { captureStep }),
        runningPrior: true,
        checkpointFolder: options.pathDest,
        overwrite: true, // runFolder has seen to it
        ...(options.checkpointEvery > 0 && { checkpointEverySteps: options.checkpointEvery }),
        config,
        // What decides which batches come; a resume with others would be another run.
        settings: {
          seed: options.seed,
          batchSize: options.batchSize,
          imageSize: options.imageSize,
          augment: options.augment,
          images: images.list.length,
          annotations: labels.entries.length,
        },
        ...(options.resume ? { resume: options.resume } : {}),
        signal,
      }),
      terminal,
      {
        epochs,
        record: async (event) => {
          noticeUnreadable();
          if (event.type === "start") {
            // Not before: a run that is refused leaves the folder as it is.
            await runFolder.clear();
            await allLabels.save();
            await writeJson(join(options.pathDest, "config.json"), config);
          }
          saved ||= event.type === "checkpoint" && event.kind === "last";
          await log.write(compactEvent(event));
          if (event.type === "validation" && event.improved)
            await writePerClass(join(options.pathDest, "per-class.csv"), event, { classes, frequency });
        },
      },
    );
    const { end, prior } = outcome;
    if (prior) await writeWhole(join(options.pathDest, "prior.json"), stringifyPrior(prior));
    await writeJson(join(options.pathDest, "result.json"), {
      best: end.best,
      stopped: end.stopped,
      seconds: end.seconds,
      // Of the whole run: this may be the rest of one.
      validations: await loggedValidations(logPath),
      missing: { train: images.missing, validation: valImages.missing },
      unreadable: [...loader.unreadable, ...valLoader.unreadable],
    });
    const unreadable = loader.unreadable.length + valLoader.unreadable.length;
    if (unreadable > 0)
      terminal.info(
        `${unreadable === 1 ? "1 image" : `${unreadable} images`} could not be read; listed in ${join(options.pathDest, "result.json")}`,
      );
    if (end.best) {
      const weights = end.best.weights === "ema" ? "averaged weights" : "raw weights";
      terminal.print(
        `best mAP(C) ${percent(end.best.score)} with ${weights}, epoch ${end.best.epoch + 1}: ${join(options.pathDest, "best.safetensors")}`,
      );
    }
    if (end.stopped) {
      terminal.print(`stopped; the same command goes on with --resume ${last}`);
      process.exitCode = 130;
    }
  } catch (error) {
    if (saved) terminal.info(`the training broke off; the same command goes on with --resume ${last}`);
    throw error;
  } finally {
    await log.close();
    await closeLoaders([loader, valLoader], terminal);
    model.dispose();
  }
}

/** Names and settings that would only be refused after the labels are read. */
function requireSettings(options: TrainOptions): void {
  modelVariant(options.modelName);
  policyOf(options, []);
  const { labels, simulatePartialType, simulatePartialParam } = options;
  if (simulatePartialType && !labels) schemeNamed(simulatePartialType, simulatePartialParam);
}

function loaderOptions(
  options: TrainOptions,
  { shuffle, augment }: { shuffle: boolean; augment: "reference" | "none" },
) {
  const { imageSize, batchSize, seed, workers, onUnreadable, cache, accumulate } = options;
  return {
    ...timeLimits(options),
    size: imageSize,
    batchSize,
    seed,
    workers,
    cache,
    shuffle,
    augment,
    dropLast: shuffle,
    // In training another image takes the place, so that every batch is full and places stay what they are.
    onUnreadable: shuffle && onUnreadable === "skip" ? ("replace" as const) : onUnreadable,
    dtype: "uint8" as const,
    // Accumulated batches are held together; a single one is done with when the next is asked for.
    reuse: accumulate === 1,
  };
}
