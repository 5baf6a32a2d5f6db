import { dirname, join } from "node:path";
import type { Best } from "@csl/checkpoints";
import { createImageLoader, type ImageList } from "@csl/image-batches";
import { classStatistics } from "@csl/labels";
import { stringifyPrior } from "@csl/partial-loss";
import { type Batch, type Batches, openJsonLines, type TrainTask, train } from "@csl/trainer";
import { closeLoaders, labelledBatches, unreadableNotices } from "../../data/image-loaders.js";
import { judgePrior } from "../../data/judge-prior.js";
import { writeJson, writeWhole } from "../../files/write-json.js";
import { type Context, stopped } from "../../flags/command.js";
import { buildModel } from "../../models/build-model.js";
import { classEmbeddingsHash, readClassEmbeddings } from "../../models/class-embeddings.js";
import { locateModel } from "../../models/locate-model.js";
import { earlierBody } from "../../models/model-body.js";
import { formats } from "../../outputs/output-kinds.js";
import { expectSameOnRanks, oncePerMachine, onEveryRank, onRankZero } from "../../ranks/ranks.js";
import { reproductionWriter } from "../../reproduction/reproduction-writer.js";
import { tensorboardWriter } from "../../tensorboard/tensorboard-writer.js";
import { checkLearnable } from "./check-learnable.js";
import { type Choice, earlierChoices } from "./choices.js";
import { chooseLearningRate } from "./choose-learning-rate.js";
import { loaderOptions } from "./loader-options.js";
import { buildLoss, openPrior, priorHash } from "./loss/build-loss.js";
import { chooseLoss } from "./loss/choose-loss.js";
import { withoutOtherLosses } from "./loss/loss-options.js";
import { classWeightsHash } from "./loss/open-class-weights.js";
import { openTrainingData } from "./open-training-data.js";
import { prefetchEpochs } from "./prefetch-epochs.js";
import { runReport } from "./report-run.js";
import { flagSettings, requireSameTraining } from "./resume-settings.js";
import type { RunFolder } from "./run-folder.js";
import { logEntry, loggedSeconds, loggedValidations, writePerClass } from "./run-records.js";
import { showTraining } from "./show-training.js";
import { type RunEnd, tellEnd, tellFailure } from "./tell-end.js";
import type { ChosenLoss, SettledOptions, TrainOptions } from "./train-flags.js";
import { batchesPerRank, collectivesOf, unreadableOfAll } from "./training-ranks.js";
import { cardImages, modelCardWriter } from "./write-model-card.js";

/** Options that say how the run was started, and nothing about what it is. */
const howStarted = ["resume", "restart", "overwrite", "tensorboard", "distTimeout", "distBackend"];

/** Trains into an opened folder, from the data to the last line. Every rank calls it; only rank 0 has the run's own folder. */
export async function trainInto(
  runFolder: RunFolder,
  asked: TrainOptions,
  { terminal, signal, continuedBy, ranks }: Context,
): Promise<void> {
  const size = ranks?.size ?? 1;
  const located =
    asked.modelPath === undefined
      ? undefined
      : await oncePerMachine(ranks, () =>
          locateModel(
            asked.modelPath!,
            { speaker: "csl train", offline: asked.offline, network: asked.modelName },
            { terminal, signal },
          ),
        );
  const { kind, engine, classes, frequency, training, validation, saveLabels } = await onEveryRank(
    ranks,
    () => openTrainingData(asked, { terminal, signal, ranks }),
  );
  const captureStep = asked.cudaGraphs ? engine.captureStep : undefined;
  const { labels } = training;
  const prior = await openPrior(asked, classes, terminal);
  const chosen = chooseLoss(asked, { labels, validation: validation.labels, prior }, terminal);
  const given = { ...asked, ...chosen.loss };
  const builtLoss = await buildLoss(given, { classes, labels, prior }, terminal);
  const { loss, prior: usedPrior, classWeights } = builtLoss;
  checkLearnable(labels, {
    flags: given,
    prior: usedPrior,
    tell: (line) => terminal.info(line),
    chosen: "priorThreshold" in chosen.choices,
  });
  const embeddings =
    given.classEmbeddings === undefined
      ? undefined
      : await readClassEmbeddings(given.classEmbeddings, "csl train", classes);
  const useless = usedPrior && judgePrior(usedPrior, classStatistics(training.labels).positives);
  if (useless) terminal.info(useless);
  const read = {
    images: training.list.length,
    labels: training.labels.hash(),
    validation: validation.labels.hash(),
    ...(usedPrior && { prior: priorHash(usedPrior) }),
    classWeights: classWeights && classWeightsHash(classWeights),
    ...(embeddings && { classEmbeddings: classEmbeddingsHash(embeddings) }),
  };
  await onEveryRank(ranks, () => requireSameTraining(given, read, { size }));
  await expectSameOnRanks("csl train", ranks, { ...flagSettings(given), ...read, engine: engine.name });
  const built = await buildModel(given, located, { classes, embeddings }, terminal);
  const { model, report: weights } = built;
  const body = built.body ?? (await earlierBody(given.resume));
  const open = (list: ImageList, training: boolean) =>
    createImageLoader(list, loaderOptions(given, { training, count: list.length, ranks }));
  const loader = open(training.list, true);
  const valLoader = open(validation.list, false);
  const collectives = ranks && collectivesOf(ranks, engine);
  const noticeUnreadable = unreadableNotices([loader.unreadable, valLoader.unreadable], terminal);
  const { options, choice: rateChoice } = await settled(given, async () => {
    const { weightDecay, decoupled, accumulate, clipGradNorm } = given;
    try {
      return await chooseLearningRate(
        {
          ...{ model, loss, classes, accumulate, signal, ...bodyOptions(given) },
          ...(collectives && { collectives }),
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
  const tensorboard = tensorboardWriter(options.pathDest, { wanted: options.tensorboard });
  const choices = {
    ...(await earlierChoices(options)),
    ...(rateChoice && { lr: rateChoice }),
    ...chosen.choices,
    ...(classWeights && { classWeights: classWeights.choice }),
  };
  // How it was started is not what it is: a run that was resumed leaves the same files as one that was not.
  const settings = Object.fromEntries(
    Object.entries(withoutOtherLosses(options)).filter(([name]) => !howStarted.includes(name)),
  );
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
  const report =
    (ranks?.rank ?? 0) === 0
      ? runReport(
          options,
          { ...{ kind, engine, classes, frequency, training, validation, size }, choices, config },
          builtLoss,
          terminal,
        )
      : undefined;
  const writeReproduction = reproductionWriter(options.pathDest, {
    ...{ options: withoutOtherLosses(options), engine, classes, training, validation },
    inputs: { ...read, body: body?.sha256 },
  });
  const secondsBefore = options.resume ? await loggedSeconds(join(dirname(options.resume), "log.jsonl")) : 0;
  const started = performance.now();
  let saved = false;
  let stoppedElsewhere = false;
  let best: Best | undefined;
  const writeResult = async ({ best, stopped, seconds }: RunEnd) => {
    const own = [...loader.unreadable, ...valLoader.unreadable];
    const unreadable = ranks && stopped !== "failed" ? await unreadableOfAll(ranks, own) : own;
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
    const batches = await onRankZero(ranks, () => batchesPerRank(loader, { resume: options.resume, size }));
    const epochFrom = prefetchEpochs((epoch, from) => loader.epoch(epoch, { from }), { batches, epochs });
    const run = train({
      model,
      loss,
      classes,
      trainBatches: (epoch) => labelledBatches(epochFrom(epoch), training.labels),
      trainBatchesFrom: (epoch, from) => labelledBatches(epochFrom(epoch, from), training.labels),
      batchesPerEpoch: batches,
      epochs: options.epochs,
      ...(options.stopEpoch === undefined ? {} : { stopEpoch: options.stopEpoch }),
      validationBatches: () => labelledBatches(valLoader.epoch(0), validation.labels),
      validateEvery: options.validateEvery,
      ...(report?.onTrainBatch && { onTrainBatch: report.onTrainBatch }),
      ...(report && { onValidationBatch: report.onValidationBatch }),
      ...(options.patience === undefined ? {} : { patience: options.patience }),
      ...bodyOptions(options),
      ...(options.clipGradNorm === undefined ? {} : { clipGradNorm: options.clipGradNorm }),
      optimizer: { lr: options.lr, weightDecay: options.weightDecay, decoupled: options.decoupled },
      ema: { decay: options.emaDecay, warmup: options.emaWarmup },
      accumulate: options.accumulate,
      ...(captureStep && { captureStep }),
      ...(collectives && { collectives, syncBn: options.syncBn === true }),
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
    const end = await showTraining(run, terminal, {
      epochs,
      numClasses: classes.size,
      validationImages: Math.ceil(validation.list.length / size),
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
        const entry = logEntry(event, { numClasses: classes.size, elapsed });
        await log.write(entry);
        if (event.type === "validation") {
          best = event.best;
          if (event.improved) await writePerClass(at("per-class.csv"), event, { classes, frequency });
        }
        // At each epoch, so that a run that is killed leaves one, too.
        if ((event.type === "epoch" || event.type === "end") && event.prior)
          await writeWhole(at("prior.json"), stringifyPrior(event.prior));
        await tensorboard.record(event, entry);
        await writeCard(event);
        await report?.record(event, entry);
        if ((ranks?.rank ?? 0) === 0) await writeReproduction(event);
      },
    });
    const { unreadable, chance } = await writeResult(end);
    tellEnd(end, terminal, { options, unreadable: unreadable.length, chance: chance?.mapC, continuedBy });
    stoppedElsewhere = end.stopped === "aborted" && !signal.aborted;
  } catch (error) {
    if (saved)
      await writeResult({
        best,
        stopped: "failed",
        seconds: (performance.now() - started) / 1000,
      }).catch(() => {}); // the error itself says more
    tellFailure(error, terminal, { options, saved, continuedBy });
    throw error;
  } finally {
    await log.close();
    await tensorboard.close();
    await closeLoaders([loader, valLoader], terminal);
    model.dispose();
  }
  // Else a launcher, and csl run, would take it for finished.
  if (stoppedElsewhere) throw stopped("stopped, as another rank was asked to stop");
}

/** Batches of one epoch after another, for as long as somebody asks for them. */
async function* everyEpoch(batchesOf: (epoch: number) => Batches): AsyncGenerator<Batch, void, undefined> {
  for (let epoch = 0; ; epoch++) yield* batchesOf(epoch);
}

/** The options with a learning rate: the given one, or with `--lr auto` the one that `choose` finds. */
async function settled(
  given: TrainOptions & ChosenLoss,
  choose: () => Promise<{ lr: number; choice: Choice }>,
): Promise<{ options: SettledOptions; choice?: Choice }> {
  const { lr } = given;
  if (lr !== "auto") return { options: { ...given, lr } };
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
