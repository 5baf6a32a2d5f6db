// Ignore, CSL with the prior of the Ignore model, and Negative, by `csl train` and by PyTorch with the reference's loss and
// schedule: same image files, same labels, same body to start from, several seeds. Prints mean and standard deviation of
// mAP(C) on both sides, the difference with its 95 % interval over the seeds, and the rank correlation of the priors with
// the classes' true shares. Finished seeds are skipped: the same command continues. CSL_PYTHON names a Python that has
// torch and Pillow.
//
//   pnpm --filter @csl/benchmarks pytorch-training --out FOLDER [--seeds 3] [--train 2400] [--val 800] [--epochs 10]
//     [--engine wasm]
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runCommand } from "@csl/cli";
import { createScheme, saveSimulation, simulate } from "@csl/coco-simulation";
import { openDataset, type Split } from "@csl/datasets";
import type { LabelTable } from "@csl/labels";
import { rankCorrelation } from "@csl/partial-loss";
import { pretrainedBody } from "@csl/scenes";
import type { TResNetShape } from "@csl/tresnet";
import { runProcess } from "../run-process.js";
import { type Outcome, pytorchTable } from "./pytorch-table.js";

const { values: flags } = parseArgs({
  options: {
    out: { type: "string", default: "pytorch-training" },
    seeds: { type: "string", default: "3" },
    train: { type: "string", default: "2400" },
    val: { type: "string", default: "800" },
    epochs: { type: "string", default: "10" },
    engine: { type: "string", default: "wasm" },
  },
});
const out = resolve(process.env.INIT_CWD ?? ".", flags.out);
const schedule = { batchSize: 32, lr: 5e-3, weightDecay: 1e-4, emaDecay: 0.99, epochs: Number(flags.epochs) };
/** tresnet_tiny, which the body is of. */
const tiny: TResNetShape = {
  layers: [1, 1, 1, 1],
  width: 0.25,
  blocks: ["basic", "basic", "basic", "basic"],
};
/** Gammas: of positives, annotated negatives, un-annotated entries. */
const plain = { gammas: [0, 0, 0], topK: 0, threshold: 1 };
const schemes = [
  { name: "rps", parameter: 0.5, csl: { gammas: [0, 0, 2], topK: 3, threshold: 0.15 } },
  { name: "fpc", parameter: 150, csl: { gammas: [0, 3, 4], topK: 1, threshold: 0.4 } },
];
const quiet = { out: { write: () => {} }, err: { write: () => {} } };

await mkdir(out, { recursive: true });
const scenes = join(out, "scenes");
const drawing = ["--part", "fine-tuning", "--size", "64", "--classes", "20", "--ood", "0"];
await runCommand(["scenes", scenes, "--train", flags.train, "--val", flags.val, ...drawing], quiet);
const dataset = await openDataset(scenes);
const [train, val] = [await dataset.split("train"), await dataset.split("val")];
const shares = trueShares(train.truth);

const outcomes: Outcome[] = [];
for (const scheme of schemes)
  for (let seed = 1; seed <= Number(flags.seeds); seed++) {
    const folder = join(out, `${scheme.name}-${seed}`);
    const path = join(folder, "outcome.json");
    const setting = JSON.stringify({
      ...flags,
      ...schedule,
      csl: scheme.csl,
      out: undefined,
      seeds: undefined,
    });
    const done = await readFile(path, "utf8").then(JSON.parse, () => undefined);
    if (done?.setting === setting) {
      outcomes.push(done);
      continue;
    }
    await mkdir(folder, { recursive: true });
    const simulation = simulate(train.truth, createScheme(scheme.name, scheme.parameter), { seed });
    await saveSimulation(join(folder, "labels"), simulation);
    const settings = {
      ignore: { mode: "ignore", ...plain },
      csl: { mode: "selective", ...scheme.csl },
      negative: { mode: "negative", ...plain },
    };
    const ours = await byCommand(folder, seed, settings);
    const theirs = await byPyTorch(folder, seed, settings, simulation.table);
    const outcome: Outcome = {
      ...{ scheme: scheme.name, seed, ours: ours.scores, theirs: theirs.scores },
      priors: { ours: rankCorrelation(ours.prior, shares), theirs: rankCorrelation(theirs.prior, shares) },
    };
    await writeFile(path, `${JSON.stringify({ setting, ...outcome })}\n`);
    console.error(JSON.stringify(outcome));
    outcomes.push(outcome);
  }
console.log(pytorchTable(outcomes));

interface Setting {
  mode: string;
  gammas: number[];
  topK: number;
  threshold: number;
}
interface Side {
  scores: Record<string, number>;
  prior: number[];
}

async function byCommand(folder: string, seed: number, settings: Record<string, Setting>): Promise<Side> {
  const scores: Record<string, number> = {};
  const priorPath = join(folder, "prior.json");
  const data = ["--data", scenes, "--workers", "0", "--engine", flags.engine];
  for (const [name, { mode, gammas, topK, threshold }] of Object.entries(settings)) {
    const run = join(folder, name);
    const selective = ["--likelihood-topk", topK, "--prior-threshold", threshold, "--prior-path", priorPath];
    await csl("train", data, [
      ...["--labels", join(folder, "labels"), "--path-dest", run, "--overwrite", "--seed", seed],
      ...["--model-name", "tresnet_tiny", "--model-path", pretrainedBody(), "--image-size", 64],
      ...["--augment", "none", "--cache", "memory", "--batch-size", schedule.batchSize, "--lr", schedule.lr],
      ...["--weight-decay", schedule.weightDecay, "--ema-decay", schedule.emaDecay],
      ...["--epochs", schedule.epochs, "--validate-every", schedule.epochs, "--partial-loss-mode", mode],
      ...["--gamma-pos", gammas[0]!, "--gamma-neg", gammas[1]!, "--gamma-unann", gammas[2]!],
      ...(mode === "selective" ? selective : []),
    ]);
    scores[name] = 100 * JSON.parse(await readFile(join(run, "result.json"), "utf8")).best.score;
    const best = join(run, "best.safetensors");
    if (mode === "ignore") await csl("estimate-prior", data, ["--model-path", best, "--out", priorPath]);
  }
  const { classes } = JSON.parse(await readFile(priorPath, "utf8")) as { classes: { value: number }[] };
  return { scores, prior: classes.map(({ value }) => value) };
}

function csl(command: string, data: string[], more: (string | number)[]): Promise<unknown> {
  return runCommand([command, ...data, ...more.map(String)], quiet);
}

async function byPyTorch(
  folder: string,
  seed: number,
  settings: Record<string, Setting>,
  labels: LabelTable,
): Promise<Side> {
  const description = join(folder, "pytorch.json");
  const run = {
    ...{
      ...schedule,
      seed,
      settings,
      shape: tiny,
      threads: 1,
      classes: labels.numClasses,
      body: pretrainedBody(),
    },
    train: await handedOver(train, labels, join(folder, "train.bin")),
    val: await handedOver(val, val.truth, join(folder, "val.bin")),
  };
  await writeFile(description, JSON.stringify(run));
  const script = fileURLToPath(new URL("../../pytorch/training.py", import.meta.url));
  return runProcess(process.env.CSL_PYTHON ?? "python3", [script, description]);
}

/** The files of a split, and its labels as int8 [samples, classes] in a file. */
async function handedOver(split: Split, table: LabelTable, path: string) {
  const dense = new Int8Array(table.numSamples * table.numClasses);
  for (let i = 0; i < table.numSamples; i++) table.fillRow(i, dense, i * table.numClasses);
  await writeFile(path, dense);
  const files = Array.from({ length: split.fileNames.length }, (_, i) =>
    join(split.roots[0]!, split.fileNames.at(i)!),
  );
  return { files, labels: path };
}

/** The share of the images that show each class. */
function trueShares(truth: LabelTable): number[] {
  const counts = new Array<number>(truth.numClasses).fill(0);
  const row = new Int8Array(truth.numClasses);
  for (let i = 0; i < truth.numSamples; i++) {
    truth.fillRow(i, row);
    for (const [c, label] of row.entries()) if (label === 1) counts[c]!++;
  }
  return counts.map((count) => count / truth.numSamples);
}
