import { spawnSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mulberry32, type Random } from "@csl/internal/random/mulberry32";
import { shuffledIndices } from "@csl/internal/random/shuffled-indices";
import { calibrateScores, crossFittedScores, evaluate, findLabelErrors, rankQuestions } from "@csl/metrics";
import { type SceneFeatures, sceneFeatures } from "./body-features.js";

// What `csl review` finds, on scenes of which 5 % of the annotated entries are flipped, with the features of the small body of
// @csl/scenes, which has seen none of their classes: precision among the 100 first, beside cleanlab's ranking where all is
// annotated; and what 2,000 answers to un-annotated entries are worth by the list and at random: mAP(C) on the validation split
// of linear heads on the same features.
//   csl scenes scenes --train 3000 --val 1000 --ood 0 --part fine-tuning
//   pnpm --filter @csl/benchmarks review --data scenes --out features [--python <python with cleanlab>] [--answers 2000]

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "scenes" },
    out: { type: "string", default: "outputs/review-benchmark" },
    python: { type: "string", default: process.env.PYTHON ?? "python3" },
    seeds: { type: "string", default: "3" },
    "per-class": { type: "string", multiple: true, default: ["60", "240"] },
    answers: { type: "string", default: "2000" },
  },
});
const answers = Number(values.answers);
await mkdir(values.out, { recursive: true });
const [train, val] = (await sceneFeatures(values.data, values.out, ["train", "val"])) as [
  SceneFeatures,
  SceneFeatures,
];
const { numClasses, dimensions } = train;

console.log(
  "annotated | seed | wrong | precision at 100 | at random | cleanlab self-confidence, normalized margin",
);
for (const perClass of [0, ...values["per-class"].map(Number)])
  for (let seed = 1; seed <= Number(values.seeds); seed++) precision(perClass, seed);
console.log(
  `\nannotated | seed | mAP(C) before | ${answers} answers by the list | at random | positives found`,
);
for (const perClass of values["per-class"].map(Number))
  for (let seed = 1; seed <= Number(values.seeds); seed++) gain(perClass, seed);

function precision(perClass: number, seed: number): void {
  const labels = flipped(annotate(perClass, mulberry32(seed)), mulberry32(seed + 100));
  const probabilities = judge(labels);
  const { entries } = findLabelErrors({ probabilities, labels, numClasses, count: 100 });
  const isWrong = (at: number): boolean => labels[at] !== -1 && labels[at] !== train.labels[at];
  const share = (positions: readonly number[]): string =>
    `${((100 * positions.filter(isWrong).length) / positions.length).toFixed(0)} %`;
  const annotated = labels.reduce((sum, label) => sum + (label === -1 ? 0 : 1), 0);
  const wrong = labels.reduce((sum, _, at) => sum + (isWrong(at) ? 1 : 0), 0);
  const ours = share(entries.map(({ sample, classIndex }) => sample * numClasses + classIndex));
  const theirs = perClass === 0 ? cleanlab(labels, probabilities) : undefined;
  const beside = theirs ? `${share(theirs.self_confidence)}, ${share(theirs.normalized_margin)}` : "-";
  console.log(
    [name(perClass), seed, wrong, ours, `${((100 * wrong) / annotated).toFixed(0)} %`, beside].join(" | "),
  );
}

function gain(perClass: number, seed: number): void {
  const labels = flipped(annotate(perClass, mulberry32(seed)), mulberry32(seed + 100));
  const list = rankQuestions({ probabilities: judge(labels), labels, numClasses, count: answers });
  const open = [...labels.keys()].filter((at) => labels[at] === -1);
  const order = shuffledIndices(open.length, mulberry32(seed + 200));
  const byList = answer(
    labels,
    list.map(({ sample, classIndex }) => sample * numClasses + classIndex),
  );
  const random = answer(
    labels,
    Array.from(order.subarray(0, answers), (i) => open[i]!),
  );
  const [before, after, other] = [labels, byList.labels, random.labels].map((of) =>
    (100 * mapC(of)).toFixed(1),
  );
  console.log(
    [name(perClass), seed, before, after, other, `${byList.positives} and ${random.positives}`].join(" | "),
  );
}

function name(perClass: number): string {
  return perClass === 0 ? "all" : `${perClass} + ${perClass} a class`;
}

/** All labels, or so many of each class and sign (FPC). */
function annotate(perClass: number, random: Random): Int8Array {
  if (perClass === 0) return train.labels.slice();
  const labels = new Int8Array(train.labels.length).fill(-1);
  for (let c = 0; c < numClasses; c++) {
    const left = [perClass, perClass];
    for (const sample of shuffledIndices(train.samples, random)) {
      const at = sample * numClasses + c;
      if (left[train.labels[at]!]!-- > 0) labels[at] = train.labels[at]!;
    }
  }
  return labels;
}

/** 5 % of the annotated entries say the opposite. */
function flipped(labels: Int8Array, random: Random): Int8Array {
  const annotated = [...labels.keys()].filter((at) => labels[at] !== -1);
  const order = shuffledIndices(annotated.length, random);
  for (const i of order.subarray(0, Math.round(0.05 * annotated.length))) labels[annotated[i]!]! ^= 1;
  return labels;
}

function judge(labels: Int8Array): Float32Array {
  const scores = crossFittedScores({ features: train.features, dimensions, labels, numClasses });
  return calibrateScores({ scores, labels, numClasses });
}

function answer(labels: Int8Array, positions: readonly number[]): { labels: Int8Array; positives: number } {
  const answered = labels.slice();
  for (const at of positions) answered[at] = train.labels[at]!;
  return { labels: answered, positives: positions.filter((at) => train.labels[at] === 1).length };
}

/** Of heads that are fitted to these labels of the training images, on the validation images. */
function mapC(labels: Int8Array): number {
  const features = new Float32Array(train.features.length + val.features.length);
  features.set(train.features);
  features.set(val.features, train.features.length);
  const all = new Int8Array(labels.length + val.labels.length).fill(-1);
  all.set(labels);
  // Validation images have no label here, so that what is left out of a fold is a twentieth of the training images.
  const scores = crossFittedScores({ features, dimensions, labels: all, numClasses, folds: 20 });
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
