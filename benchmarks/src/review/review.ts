import { spawnSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { shuffledIndices } from "@csl/internal/random/shuffled-indices";
import { calibrateScores, crossFittedScores, evaluate, findLabelErrors, rankQuestions } from "@csl/metrics";
import { appendLine, finishedLines, type Line } from "../losses/finished-lines.js";
import { type Answered, annotate, answered, flipped } from "./annotations.js";
import { type SceneFeatures, sceneFeatures } from "./body-features.js";
import { trainOnLabels } from "./train-on-labels.js";

// What `csl review` finds, on scenes of which 5 % of the annotated entries are flipped, with the features of the small body of
// @csl/scenes, which has seen none of their classes: precision among the 100 first, beside cleanlab's ranking where all is
// annotated; and what 2,000 answers to un-annotated entries are worth by the list and at random, and by as many questions of
// the list as take no longer than the random ones. mAP(C) on the validation split is that of linear heads on the same features,
// and with --train that of a network that `csl train` trains on these labels.
//   csl scenes scenes --train 3000 --val 1000 --ood 0 --part fine-tuning --seed 21
//   pnpm --filter @csl/benchmarks review --data scenes --out features [--python <python with cleanlab>] [--answers 2000]
//     [--seeds 3] [--per-class 60 --per-class 240] [--train [--engine torch] [--size 32] [--epochs 6]]

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "scenes" },
    out: { type: "string", default: "outputs/review-benchmark" },
    python: { type: "string", default: process.env.PYTHON ?? "python3" },
    seeds: { type: "string", default: "3" },
    "per-class": { type: "string", multiple: true, default: ["60", "240"] },
    answers: { type: "string", default: "2000" },
    train: { type: "boolean", default: false },
    ...{ engine: { type: "string", default: "wasm" }, size: { type: "string", default: "32" } },
    ...{ epochs: { type: "string", default: "6" }, threads: { type: "string" } },
  },
});
const given = (path: string): string => resolve(process.env.INIT_CWD ?? ".", path);
const out = given(values.out);
const answers = Number(values.answers);
/** A number of seeds, or the seeds themselves: `3` or `2,3`. */
const seeds = values.seeds.includes(",")
  ? values.seeds.split(",").filter(Boolean).map(Number)
  : Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
const perClass = values["per-class"].map(Number);
await mkdir(out, { recursive: true });
const [train, val] = (await sceneFeatures(given(values.data), out, ["train", "val"])) as [
  SceneFeatures,
  SceneFeatures,
];
const { numClasses, dimensions } = train;

if (values.train) {
  console.log("annotated | seed | mAP(C) by csl train: before | by the list | at random");
  for (const number of perClass) for (const seed of seeds) await trainings(number, seed);
} else {
  console.log(
    "annotated | seed | wrong | precision at 100 | at random | cleanlab self-confidence, normalized margin",
  );
  for (const number of [0, ...perClass]) for (const seed of seeds) precision(number, seed);
  console.log(
    `\nannotated | seed | mAP(C) of heads: before | ${answers} answers by the list | in the time of random ones | at random | all labels | positives found`,
  );
  for (const number of perClass) for (const seed of seeds) gain(number, seed);
}

function precision(number: number, seed: number): void {
  const labels = flipped(annotate(train, number, mulberry32(seed)), mulberry32(seed + 100));
  const probabilities = judge(labels);
  const { entries } = findLabelErrors({ probabilities, labels, numClasses, count: 100 });
  const isWrong = (at: number): boolean => labels[at] !== -1 && labels[at] !== train.labels[at];
  const share = (positions: readonly number[]): string =>
    `${((100 * positions.filter(isWrong).length) / positions.length).toFixed(0)} %`;
  const annotated = labels.reduce((sum, label) => sum + (label === -1 ? 0 : 1), 0);
  const wrong = labels.reduce((sum, _, at) => sum + (isWrong(at) ? 1 : 0), 0);
  const ours = share(entries.map(({ sample, classIndex }) => sample * numClasses + classIndex));
  const theirs = number === 0 ? cleanlab(labels, probabilities) : undefined;
  const beside = theirs ? `${share(theirs.self_confidence)}, ${share(theirs.normalized_margin)}` : "-";
  console.log(
    [name(number), seed, wrong, ours, `${((100 * wrong) / annotated).toFixed(0)} %`, beside].join(" | "),
  );
}

interface Arms {
  before: Int8Array;
  list: Answered;
  /** Of the list, as many as take no longer than the random ones. */
  sameTime: Answered;
  random: Answered;
}

function arms(number: number, seed: number): Arms {
  const before = flipped(annotate(train, number, mulberry32(seed)), mulberry32(seed + 100));
  const questions = rankQuestions({
    ...{ probabilities: judge(before), labels: before, numClasses, count: answers },
  }).map(({ sample, classIndex }) => sample * numClasses + classIndex);
  const open = [...before.keys()].filter((at) => before[at] === -1);
  const order = shuffledIndices(open.length, mulberry32(seed + 200));
  // By class, so that they take as little time as they can.
  const drawn = Array.from(order.subarray(0, answers), (i) => open[i]!).sort(
    (a, b) => (a % numClasses) - (b % numClasses),
  );
  const random = answered(before, drawn, train);
  let count = questions.length;
  while (answered(before, questions.slice(0, count), train).hours > random.hours) count--;
  return {
    ...{ before, random, list: answered(before, questions, train) },
    sameTime: answered(before, questions.slice(0, count), train),
  };
}

function gain(number: number, seed: number): void {
  const { before, list, sameTime, random } = arms(number, seed);
  const scores = [before, list.labels, sameTime.labels, random.labels, train.labels].map((labels) =>
    (100 * mapC(labels)).toFixed(1),
  );
  const found = `${list.positives} in ${list.hours.toFixed(2)} h, ${random.positives} in ${random.hours.toFixed(2)} h`;
  console.log([name(number), seed, ...scores, found].join(" | "));
}

async function trainings(number: number, seed: number): Promise<void> {
  const { before, list, random } = arms(number, seed);
  const flags = [
    ...["--model-name", "tresnet_tiny", "--model-path", "tresnet_tiny.scenes", "--image-size", values.size],
    ...["--epochs", values.epochs, "--validate-every", values.epochs, "--lr", "5e-3", "--batch-size", "32"],
    ...["--engine", values.engine, "--augment", "none", "--workers", "0", "--cache", "memory"],
    ...["--ema-decay", "0.99", "--ema-warmup", "--seed", `${seed}`],
    ...(values.threads === undefined ? [] : ["--threads", values.threads]),
  ];
  // Each result is kept, so that a run that was stopped goes on.
  const log = join(out, "trainings.jsonl");
  const scores: string[] = [];
  for (const [arm, labels] of Object.entries({ before, list: list.labels, random: random.labels })) {
    const setting = `${answers} answers, ${flags.join(" ")}`;
    const same = (one: Line): boolean =>
      one.scheme === `${number}` && one.name === arm && one.seed === seed && one.setting === setting;
    const kept = (await finishedLines(log)).find(same)?.mapC;
    const folder = join(out, `training-${seed}`);
    const mapC = kept ?? (await trainOnLabels(labels, { train, val }, { folder, flags }));
    if (kept == null) await appendLine(log, { scheme: `${number}`, name: arm, seed, setting, mapC });
    scores.push(mapC.toFixed(1));
  }
  console.log([name(number), seed, ...scores].join(" | "));
}

function name(number: number): string {
  return number === 0 ? "all" : `${number} + ${number} a class`;
}

function judge(labels: Int8Array): Float32Array {
  const scores = crossFittedScores({ features: train.features, dimensions, labels, numClasses });
  return calibrateScores({ scores, labels, numClasses });
}

/** Of heads that are fitted to these labels of the training images, on the validation images. */
function mapC(labels: Int8Array): number {
  const features = new Float32Array(train.features.length + val.features.length);
  features.set(train.features);
  features.set(val.features, train.features.length);
  const all = new Int8Array(labels.length + val.labels.length).fill(-1);
  all.set(labels);
  // Validation images have no label here, so that what is left out of a fold is a twentieth of the training images.
  const scores = crossFittedScores({
    ...{ features, dimensions, labels: all, numClasses },
    ...{ folds: 20, shrinkage: 0.3 },
  });
  return evaluate({ scores: scores.subarray(labels.length), labels: val.labels, numClasses }).mapC;
}

function cleanlab(
  labels: Int8Array,
  probabilities: Float32Array,
): { self_confidence: number[]; normalized_margin: number[] } | undefined {
  const input = { classes: numClasses, labels: [...labels], probabilities: [...probabilities] };
  const script = fileURLToPath(new URL("../../python/label_errors.py", import.meta.url));
  const { status, stdout } = spawnSync(values.python, [script], {
    input: JSON.stringify(input),
    encoding: "utf8",
  });
  return status === 0 ? JSON.parse(stdout) : undefined;
}
