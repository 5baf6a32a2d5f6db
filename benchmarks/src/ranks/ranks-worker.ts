// One process of `ranks`: trains every case that its argument names, and writes last.safetensors of each into the folder.
// Argument: JSON of a RanksPlace, with folder, cases, and `accumulates`: how many ranks this one process stands for.
import { createHash } from "node:crypto";
import { join as joinPath } from "node:path";
import "@tensorflow/tfjs";
import { startEngine } from "@csl/engine";
import { type Batch, type Collectives, type TrainTask, train } from "@csl/trainer";
import { joinRanks, type RanksPlace } from "./join-ranks.js";
import { batchOf, cases, classes, join, modelOf, type RanksCase } from "./ranks-cases.js";

const given = JSON.parse(process.argv[2]!) as RanksPlace & {
  folder: string;
  cases: string[];
  accumulates: number;
};
const { engine, rank, size, folder, accumulates } = given;
await startEngine({ prefer: engine, threads: 1 });
const group = size > 1 ? await joinRanks(given) : undefined;
const ids = Array.from({ length: classes }, (_, c) => `class ${c}`);

/** The steps of an epoch, each a list of this process's batches. */
function stepsOf(settings: RanksCase, epoch: number): Batch[][] {
  const { steps = 5, joined = false, reversed = false } = settings;
  return Array.from({ length: steps }, (_, step) => {
    const all = Array.from({ length: size * accumulates }, (_, i) =>
      batchOf(epoch, step * size * accumulates + i, { size: settings.steps ? 2 : 16 }),
    );
    // In another order every rank has other images.
    if (size > 1) return [reversed ? join(all, { every: size, from: rank }) : all[rank]!];
    return joined ? [join(all, { reversed })] : all;
  });
}

async function run(name: string, more: Partial<TrainTask>, stop?: AbortController): Promise<number[]> {
  const settings = cases[name]!;
  const model = modelOf(settings);
  const batches = (epoch: number): Batch[] => stepsOf(settings, epoch).flat();
  const found: number[] = [];
  const collectives: Collectives | undefined = group;
  const task: TrainTask = {
    ...{ model, loss: settings.loss(), trainBatches: batches, batchesPerEpoch: batches(0).length },
    ...{ epochs: 2, classes: { ids }, runningPrior: true, optimizer: { lr: 2e-4 } },
    accumulate: batches(0).length / (settings.steps ?? 5),
    checkpointFolder: joinPath(folder, name),
    ...(collectives && { collectives, ...(settings.syncBn && { syncBn: true }) }),
    ...more,
  };
  for await (const event of train(task)) {
    if (event.type !== "step") continue;
    found.push(event.loss);
    if (event.step === 6) stop?.abort();
  }
  const hash = createHash("sha256");
  for (const variable of model.parameters().values()) hash.update(await variable.data<"float32">());
  if (group) hashes[name] = hash.digest("hex");
  model.dispose();
  return found;
}

const hashes: Record<string, string> = {};
const lossesOf: Record<string, number[]> = {};
for (const name of given.cases) {
  const stop = new AbortController();
  // Within the second epoch; one rank is asked to stop, and all do.
  const interrupted = size > 1 && !cases[name]!.steps;
  const before = interrupted ? await run(name, rank === 1 ? { signal: stop.signal } : {}, stop) : [];
  const resume = joinPath(folder, name, "last.safetensors");
  lossesOf[name] = [...before, ...(await run(name, interrupted ? { resume } : {}))];
  if (rank === 0) process.stderr.write(".");
}
await group?.close();
process.stdout.write(`${JSON.stringify({ losses: lossesOf, hashes })}\n`);
process.exit(0);
