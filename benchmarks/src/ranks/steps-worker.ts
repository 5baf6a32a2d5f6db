// One process of `ranks-speed`: training steps of TResNet-M, taken in turn with and without sums that overlap the backward pass.
// Argument: JSON of a RanksPlace with batch, side, steps. Prints JSON: for both the milliseconds of each step and of the
// wait for the sums at its end, and the most memory that the process had, in MB.
import "@tensorflow/tfjs";
import { startEngine } from "@csl/engine";
import { asymmetricLoss } from "@csl/partial-loss";
import { type Batch, createAdam, createEma, trainStep } from "@csl/trainer";
import { createTResNet } from "@csl/tresnet";
import type * as tf from "@tensorflow/tfjs-core";
import { createRankSum, type StepSum } from "../../../packages/trainer/src/distributed/rank-sum.js";
import { joinRanks, type RanksPlace } from "./join-ranks.js";

const given = JSON.parse(process.argv[2]!) as RanksPlace & { batch: number; side: number; steps: number };
const { engine, rank, size, batch, side, steps } = given;
await startEngine({ prefer: engine, threads: 1 });
const group = size > 1 ? await joinRanks(given) : undefined;
const numClasses = 80;
const model = createTResNet({ variant: "m", numClasses, seed: 1 });
const adam = createAdam(model.parameters(), { weightDecay: 1e-4 });
const ema = createEma(model, { decay: 0.9997 });
const rankSum = group && createRankSum(group, model.parameters());
const data: Batch = {
  images: Uint8Array.from({ length: batch * side * side * 3 }, (_, i) => (i * 7919 + rank) % 251),
  labels: Int8Array.from({ length: batch * numClasses }, (_, i) => ((i * 7 + rank) % 3) - 1),
  ...{ size: batch, height: side, width: side },
};

let waited = 0;
const begin =
  (overlaps: boolean) =>
  (gradients: Map<string, tf.Tensor>): StepSum => {
    const { ready, finish, dispose } = rankSum!.begin(gradients);
    const timed: StepSum["finish"] = async (note) => {
      const started = performance.now();
      const notes = await finish(note);
      waited = performance.now() - started;
      return notes;
    };
    return { ...(overlaps && ready && { ready }), finish: timed, dispose };
  };

const times = { overlapping: [] as number[][], after: [] as number[][] };
for (let step = 0; step < 2 * steps + 2; step++) {
  const kind = step % 2 === 0 ? "overlapping" : "after";
  const ranks = group && { sum: { begin: begin(kind === "overlapping") }, stop: () => false };
  const started = performance.now();
  const loss = (logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Scalar => asymmetricLoss(logits, labels);
  await trainStep({ model, adam, ema, numClasses, loss, ranks }, [data], { lr: 1e-5, beta1: 0.9 });
  // The first two warm up.
  if (step >= 2) times[kind].push([performance.now() - started, waited]);
}
await group?.close();
process.stdout.write(`${JSON.stringify({ ...times, memory: process.resourceUsage().maxRSS / 1024 })}\n`);
process.exit(0);
