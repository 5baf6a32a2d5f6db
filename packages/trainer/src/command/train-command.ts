import { join } from "node:path";
import { createImageLoader } from "@csl/image-batches";
import { writePrior } from "@csl/partial-loss";
import { jsonLines } from "../json-lines.js";
import { train } from "../train.js";
import { buildLoss } from "./build-loss.js";
import { buildModel } from "./build-model.js";
import type { Context } from "./context.js";
import { labelledBatches } from "./labelled-batches.js";
import { openSplit } from "./open-split.js";
import { percent } from "./percent.js";
import { showTraining } from "./show-training.js";
import { startCommandEngine } from "./start-command-engine.js";
import type { TrainOptions } from "./train-options.js";
import { trainingLabels } from "./training-labels.js";
import { writeJson, writeWhole } from "./write-json.js";

/** `csl train`: the reference's train.py on a COCO-like folder, with what it lacks: resume, EMA weights, saved labels. */
export async function trainCommand(options: TrainOptions, { terminal, signal }: Context): Promise<void> {
  const engine = await startCommandEngine(options, terminal);
  const trainSplit = await openSplit(options.data, "train", terminal, options);
  const valSplit = await openSplit(options.data, "val", terminal, options);
  const labels = await trainingLabels(trainSplit, options, terminal);
  const { classes } = labels;
  const model = await buildModel(options, classes, terminal);
  const loss = await buildLoss(options, classes, terminal);
  const loader = createImageLoader(
    trainSplit.paths,
    loaderOptions(options, { shuffle: true, augment: options.augment }),
  );
  const valLoader = createImageLoader(
    valSplit.paths,
    loaderOptions(options, { shuffle: false, augment: "none" }),
  );
  const log = jsonLines(join(options.pathDest, "log.jsonl"));
  const config = { ...options, engine: engine.name, model: model.config };
  try {
    await writeJson(join(options.pathDest, "config.json"), config);
    const epochs = options.stopEpoch ?? options.epochs;
    const outcome = await showTraining(
      train({
        model,
        loss,
        classes,
        trainBatches: (epoch) => labelledBatches(loader.epoch(epoch), labels),
        batchesPerEpoch: Math.floor(trainSplit.paths.length / options.batchSize),
        epochs: options.epochs,
        ...(options.stopEpoch === undefined ? {} : { stopEpoch: options.stopEpoch }),
        validationBatches: () => labelledBatches(valLoader.epoch(0), valSplit.truth),
        validateEvery: options.validateEvery,
        optimizer: { lr: options.lr, weightDecay: options.weightDecay, decoupled: options.decoupled },
        ema: { decay: options.emaDecay, warmup: options.emaWarmup },
        accumulate: options.accumulate,
        runningPrior: true,
        checkpointFolder: options.pathDest,
        config,
        ...(options.resume ? { resume: options.resume } : {}),
        signal,
      }),
      terminal,
      { epochs, record: (event) => log.write(event) },
    );
    const { end, validations, prior } = outcome;
    if (prior) await writeWhole(join(options.pathDest, "prior.json"), writePrior(prior));
    await writeJson(join(options.pathDest, "result.json"), {
      best: end.best,
      stopped: end.stopped,
      seconds: end.seconds,
      validations: validations.map(({ epoch, raw, ema }) => ({ epoch, raw, ema })),
      unreadable: [...loader.unreadable, ...valLoader.unreadable],
    });
    const unreadable = loader.unreadable.length + valLoader.unreadable.length;
    if (unreadable > 0)
      terminal.info(
        `${unreadable} pictures could not be read; result.json in ${options.pathDest} lists them`,
      );
    if (end.best) {
      const weights = end.best.weights === "ema" ? "averaged weights" : "raw weights";
      terminal.print(
        `best mAP(C) ${percent(end.best.score)} with ${weights}, epoch ${end.best.epoch + 1}: ${join(options.pathDest, "best.safetensors")}`,
      );
    }
    if (end.stopped) {
      terminal.print(`stopped; go on with --resume ${join(options.pathDest, "last.safetensors")}`);
      process.exitCode = 130;
    }
  } finally {
    await Promise.all([loader.close(), valLoader.close(), log.close()]);
    model.dispose();
  }
}

function loaderOptions(
  { imageSize, batchSize, seed, workers, onUnreadable, cache }: TrainOptions,
  { shuffle, augment }: { shuffle: boolean; augment: "reference" | "none" },
) {
  return {
    size: imageSize,
    batchSize,
    seed,
    workers,
    onUnreadable,
    cache,
    shuffle,
    augment,
    dropLast: shuffle,
    dtype: "uint8" as const,
  };
}
