import type { AdamState } from "@csl/checkpoints";
import { CslError } from "@csl/internal/errors/csl-error";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import * as tf from "@tensorflow/tfjs-core";
import type { Run } from "../run.js";
import { broadcastJson } from "./broadcast-bytes.js";
import type { Collectives } from "./collectives.js";

/**
 * Gives every rank what rank 0 begins with: weights, running statistics, averages, moments, and where the run stands. Rank 0
 * alone has read the checkpoint of a resume.
 *
 * @throws CslError `mismatch` when the ranks' models differ in size
 */
export async function shareStart(run: Run, collectives: Collectives): Promise<void> {
  const { task, adam, ema } = run;
  const variables = [
    ...task.model.parameters().values(),
    ...task.model.buffers().values(),
    ...(ema?.averages.values() ?? []),
  ];
  await expectSameSize(
    collectives,
    variables.reduce((sum, { size }) => sum + size, 0),
  );
  for (const variable of variables) {
    const values = (await variable.data<"float32">()).slice();
    await collectives.broadcast(values);
    if (collectives.rank > 0) tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
  const { step, skipped, moment1, moment2 } = await adam.state();
  const { progress, changes } = run;
  const { trainedBatches } = task.model;
  const own = { progress, changes, adam: { step, skipped }, emaUpdates: ema?.updates, trainedBatches };
  const shared = await broadcastJson(collectives, own);
  // At the beginning the moments are 0 everywhere.
  if (shared.adam.step > 0) {
    for (const moments of [moment1, moment2])
      for (const values of moments.values()) await collectives.broadcast(values);
    if (collectives.rank > 0) adam.load({ ...shared.adam, moment1, moment2 } as AdamState);
  }
  await shareLossState(run, collectives);
  run.progress = shared.progress;
  run.changes = shared.changes;
  if (ema) ema.updates = shared.emaUpdates!;
  if (shared.trainedBatches !== undefined) task.model.trainedBatches = shared.trainedBatches;
}

/** The numbers that a loss keeps. */
async function shareLossState({ changing }: Run, collectives: Collectives): Promise<void> {
  const state = changing?.state?.();
  if (!state) return;
  const shared: StateDict = new Map();
  for (const [key, { shape, data }] of state) {
    const values = data.slice();
    await collectives.broadcast(values);
    shared.set(key, { shape, data: values });
  }
  if (collectives.rank > 0) changing?.load?.(shared);
}

/** What rank 0 knows of the best so far, after it has looked whether those weights were kept. */
export async function shareBest(run: Run, collectives: Collectives): Promise<void> {
  const { best, sinceBest } = await broadcastJson(collectives, run.progress);
  const { best: _, sinceBest: __, ...progress } = run.progress;
  run.progress = { ...progress, ...(best && { best }), ...(sinceBest !== undefined && { sinceBest }) };
}

async function expectSameSize(collectives: Collectives, own: number): Promise<void> {
  const sizes = new Float64Array(collectives.size);
  sizes[collectives.rank] = own;
  await collectives.allReduce(sizes);
  if (sizes.every((size) => size === own)) return;
  throw new CslError(
    "mismatch",
    `train: expected the same model on every rank, got ${[...sizes].join(", ")} numbers on ranks 0 to ${sizes.length - 1}. ` +
      "Start all ranks with the same options and data.",
  );
}
