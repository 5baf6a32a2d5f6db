import type { Best } from "@csl/checkpoints";
import { CslError } from "@csl/internal/errors/csl-error";
import type { ObservedBatch } from "@csl/partial-loss";
import { type Batch, groups } from "./batch.js";
import { averageStatistics } from "./distributed/average-statistics.js";
import { observeOnRanks } from "./distributed/observe-ranks.js";
import { expectSameWeights } from "./distributed/same-weights.js";
import { shareBest } from "./distributed/share-start.js";
import { sumPrior } from "./distributed/sum-prior.js";
import { sigmoid } from "./estimate-prior.js";
import { type Evaluation, evaluateWeights } from "./evaluate-model.js";
import { keepBest } from "./keep-best.js";
import { swapEmaWeights } from "./optimizer/ema.js";
import { saveBest, saveLast } from "./resume.js";
import { disposeRun, nextEpoch, type Run } from "./run.js";
import { startRun } from "./start-run.js";
import { learnerOf } from "./step/learner-of.js";
import { trainStep } from "./step/train-step.js";
import { uploadAhead } from "./step/upload-ahead.js";
import type { TrainTask } from "./task.js";
import type { TrainEvent } from "./train-event.js";
import { turn } from "./turn.js";

/**
 * Trains a model and reports what happens as events; the caller prints, logs and stops. Adam under the one-cycle schedule, a
 * moving average of the weights, validation of both, checkpoints `last` and `best` in `checkpointFolder`.
 *
 * Aborting `signal` finishes the current step, writes `last` and ends with `stopped: "aborted"`. Leaving the loop
 * early (`break`) frees everything and writes nothing. The model stays the caller's. Where the batches fail, in training
 * or validation, `last` is written before their error comes out: a resume continues with the batch that failed.
 *
 * @throws for a task that cannot work, a folder that holds another run, a batch of the wrong size, or a loss that is
 * not finite.
 */
export async function* train(task: TrainTask): AsyncGenerator<TrainEvent, void, undefined> {
  const run = await startRun(task);
  const started = run.now();
  const stopped = (): boolean => isStopped(run);
  let finished = false;
  try {
    yield startEvent(run);
    // After that event, at which the caller may still tidy the folder up.
    await keepBest(run);
    if (task.collectives) await shareBest(run, task.collectives);
    let saved = false;
    while (run.progress.epoch < run.stopEpoch && !stopped() && !isExhausted(run)) {
      if (!run.progress.trained) yield* trainEpoch(run);
      if (run.progress.trained && !stopped()) yield* validateEpoch(run);
      yield* saveLast(run);
      saved = true;
    }
    // Stopped before the first step, or resumed at its end: what is said to be there is there, in this folder too.
    if (!saved) yield* saveLast(run);
    finished = true;
    const { best, epoch } = run.progress;
    yield {
      type: "end",
      steps: run.adam.step,
      ...(best && { best }),
      ...(run.prior && run.prior.count > 0 && { prior: run.prior.prior() }),
      ...(epoch < run.stopEpoch && { stopped: isExhausted(run) ? "patience" : "aborted" }),
      seconds: (run.now() - started) / 1000,
    };
  } catch (error) {
    // A validation or a batch that fails must not cost the steps before it; a step that fails may have spoilt the weights.
    // With other ranks it could not be agreed on: what they wait for is not known.
    if ((run.progress.trained || run.waiting) && !task.collectives) yield* saveIfPossible(run);
    throw error;
  } finally {
    disposeRun(run, { finished });
    await run.lock?.release();
  }
}

/** Several ranks stop where they have agreed to; one alone at once. */
function isStopped({ task, stopping }: Run): boolean {
  return task.collectives ? stopping : task.signal?.aborted === true;
}

/** Whether `patience` ends the run. */
function isExhausted({ task: { patience }, progress: { sinceBest = 0 } }: Run): boolean {
  return patience !== undefined && sinceBest >= patience;
}

/** Nothing is written when the weights are not finite; the first error is the one to report. */
async function* saveIfPossible(run: Run): AsyncGenerator<TrainEvent, void, undefined> {
  if (run.progress.batch === 0) return;
  try {
    yield* saveLast(run);
  } catch {}
}

/** The steps that are left of an epoch. Ends early when the signal is aborted. */
async function* trainEpoch(run: Run): AsyncGenerator<TrainEvent, void, undefined> {
  const { task, changing, progress, stepsPerEpoch } = run;
  const { epoch } = progress;
  const { clipGradNorm, onTrainBatch } = task;
  const totalSteps = run.stopEpoch * stepsPerEpoch;
  const started = run.now();
  const learner = learnerOf(run);
  const observed: ObservedBatch[] = [];
  const { collectives } = task;
  // Of several ranks, the loss sees the batches of all, after the step.
  const observe =
    changing?.observe &&
    ((batch: ObservedBatch): void => (collectives ? void observed.push(batch) : changing.observe!(batch)));
  const onLogits =
    run.prior || observe || onTrainBatch
      ? (logits: Float32Array, batch: Batch) => {
          const labels = observe && Float32Array.from(batch.labels, Number); // also of booleans and int64
          if (labels) observe({ logits, labels, samples: batch.samples, epoch });
          run.prior?.update(sigmoid(logits), batch.size);
          if (onTrainBatch) {
            const { images: _, ...rest } = batch;
            onTrainBatch(rest, logits);
          }
        }
      : undefined;
  run.throughput.restart();
  // Of an epoch that was begun elsewhere, the steps before are not known.
  let learned = progress.batch > 0;
  let waited = 0;
  let asked = run.now();
  run.waiting = true;
  const source = groups(...remainingBatches(run));
  for await (const batches of uploadAhead(source, run.numClasses)) {
    run.waiting = false;
    waited += run.now() - asked;
    const step = epoch * stepsPerEpoch + Math.floor(progress.batch / run.accumulate);
    if (step >= (epoch + 1) * stepsPerEpoch)
      throw new CslError(
        "invalid-argument",
        `train: expected at most ${task.batchesPerEpoch} batches in epoch ${epoch}, got more. Set batchesPerEpoch to what trainBatches gives.`,
      );
    const rate = run.schedule(step);
    const result = await trainStep(learner, batches, rate, { onLogits, clipGradNorm, epoch });
    const { loss, gradientNorm, images } = result;
    run.stopping ||= result.stop;
    if (changing && collectives) await observeOnRanks(observed.splice(0), changing, collectives);
    changing?.step?.(rate);
    learned ||= gradientNorm > 0;
    progress.batch += batches.length;
    progress.lossSum += loss;
    progress.lossSteps++;
    progress.lossImages += images;
    const speed = run.throughput.step(images, totalSteps - step - 1);
    yield { type: "step", epoch, step: step + 1, totalSteps, loss, images, ...rate, gradientNorm, ...speed };
    await turn();
    if (isStopped(run)) return;
    if ((step + 1) % (task.checkpointEverySteps ?? Number.POSITIVE_INFINITY) === 0) {
      yield* saveLast(run);
      run.throughput.restart();
    }
    asked = run.now();
    run.waiting = true;
  }
  run.waiting = false;
  if (progress.batch === 0)
    throw new CslError(
      "invalid-argument",
      `train: expected batches in epoch ${epoch}, got none. Are there images that can be read?`,
    );
  if (!learned)
    throw new CslError(
      "invalid-argument",
      `train: expected a loss with a gradient, got a gradient of 0 for every weight in all steps of epoch ${epoch}: nothing is ` +
        "learned. Are all labels un-annotated and ignored, or all weights of the loss 0?",
    );
  changing?.endEpoch?.(epoch);
  progress.trained = true;
  const { lossSum, lossSteps, lossImages } = progress;
  if (task.collectives) await expectSameWeights(task.model, task.collectives);
  const prior = task.collectives ? await sumPrior(run, task.collectives) : run.prior;
  yield {
    type: "epoch",
    epoch,
    loss: lossSum / lossSteps,
    images: lossImages,
    steps: lossSteps,
    seconds: (run.now() - started) / 1000,
    waitedSeconds: waited / 1000,
    ...(prior && { prior: prior.prior() }),
  };
}

/** The rest of the epoch's batches, as arguments of `groups`. */
function remainingBatches({ task, progress, accumulate }: Run): Parameters<typeof groups<Batch>> {
  const { epoch, batch } = progress;
  if (batch > 0 && task.trainBatchesFrom)
    return [task.trainBatchesFrom(epoch, batch), { size: accumulate, skip: 0 }];
  return [task.trainBatches(epoch), { size: accumulate, skip: batch }];
}

/** Validates where it is due and moves on to the next epoch; an abort leaves the validation due. */
async function* validateEpoch(run: Run): AsyncGenerator<TrainEvent, void, undefined> {
  const { task, progress, ema } = run;
  const { epoch } = progress;
  const { validationBatches, validateEvery = 1, score = ({ mapC }: Evaluation) => mapC } = task;
  if (validationBatches && ((epoch + 1) % validateEvery === 0 || epoch + 1 === run.stopEpoch)) {
    const started = run.now();
    const averages = ema && { swap: () => swapEmaWeights(task.model, ema) };
    const { collectives, onValidationBatch: onBatch } = task;
    if (collectives) await averageStatistics(run, collectives);
    const evaluation = evaluateWeights(task.model, validationBatches(), { averages, collectives, onBatch });
    let next = await evaluation.next();
    for (; !next.done; next = await evaluation.next()) {
      yield { type: "validating", epoch, images: next.value };
      // Several ranks finish it: one that left would keep the others waiting.
      if (task.signal?.aborted && !collectives) {
        await evaluation.return(undefined as never);
        return;
      }
    }
    const result = next.value;
    const won = better(progress.best, epoch, {
      raw: score(result.raw),
      ema: result.ema && score(result.ema),
    });
    if (won) progress.best = won;
    // A resume without `patience` goes on counting, so that a later one with it finds the true number.
    const counts = task.patience !== undefined || progress.sinceBest !== undefined;
    if (counts) progress.sinceBest = won ? 0 : (progress.sinceBest ?? 0) + 1;
    const { best, sinceBest } = progress;
    const seconds = (run.now() - started) / 1000;
    yield {
      type: "validation",
      epoch,
      ...result,
      ...(best && { best }),
      improved: won !== undefined,
      ...(sinceBest !== undefined && { sinceBest }),
      seconds,
    };
    if (won) yield* saveBest(run, won.weights);
  }
  run.progress = nextEpoch(progress);
}

/** The new best, if one of the scores is higher than the old. A score of NaN never is. */
function better(
  old: Best | undefined,
  epoch: number,
  scores: { raw: number; ema: number | undefined },
): Best | undefined {
  let best = old;
  for (const weights of ["raw", "ema"] as const) {
    const score = scores[weights];
    if (score !== undefined && score > (best?.score ?? Number.NEGATIVE_INFINITY))
      best = { score, weights, epoch };
  }
  return best === old ? undefined : best;
}

function startEvent({ task, stepsPerEpoch, stopEpoch, progress, accumulate, changes }: Run): TrainEvent {
  const { epoch, batch, trained } = progress;
  const inEpoch = trained ? stepsPerEpoch : Math.ceil(batch / accumulate);
  return {
    type: "start",
    epochs: stopEpoch,
    steps: stopEpoch * stepsPerEpoch,
    parameters: [...task.model.parameters().values()].reduce((sum, { size }) => sum + size, 0),
    epoch,
    step: epoch * stepsPerEpoch + inEpoch,
    resumed: task.resume !== undefined,
    ...(changes.length > 0 && { changes }),
  };
}
