// What a run's report adds to its validations, with many classes and the smallest network. Of a validation after another: the
// processor time of the main thread for gathering what the report shows, and for writing it, over that of the two forward passes (raw
// and averaged weights) of the same images, which are most of a validation. Processor time, since a busy machine would say
// anything else. The clock that the report sees has no training in between: the worst case. With several trees, as of two
// commits, their processes alternate.
//   pnpm --filter @csl/benchmarks report-cost [--classes 600] [--images 400] [--validations 10] [--repeats 3] [--tree . --tree ../other-checkout]
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { startEngine } from "@csl/engine";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { evaluate } from "@csl/metrics";
import { createTResNet, type TResNetShape } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";

const { values } = parseArgs({
  options: {
    classes: { type: "string", default: "600" },
    images: { type: "string", default: "400" },
    validations: { type: "string", default: "10" },
    repeats: { type: "string", default: "3" },
    size: { type: "string", default: "64" },
    tree: { type: "string", multiple: true, default: ["."] },
    one: { type: "boolean", default: false },
  },
});
const [classes, images, size] = [Number(values.classes), Number(values.images), Number(values.size)];
const batchSize = 32;

/** What is used of packages/cli/src/report/run-report.ts, of whichever commit. */
interface ReportModule {
  createRunReport(
    folder: string,
    options: object,
  ): {
    onValidationBatch(batch: object, logits: { raw: Float32Array }): void;
    record(event: object, entry: object): Promise<void>;
  };
}

/** Milliseconds that this thread has computed. */
const spent = (): number => Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[0]) / 1e6;

if (values.one) await measure(values.tree[0]!);
else {
  console.log("tree | forward passes | gathering: first, mean | writing: mean | share of all validations");
  for (let repeat = 0; repeat < Number(values.repeats); repeat++)
    for (const tree of values.tree) {
      const folder = resolve(process.env.INIT_CWD ?? ".", tree);
      const own = ["--import", "tsx", "--conditions=@csl/source", fileURLToPath(import.meta.url), "--one"];
      const { classes, images, validations } = values;
      const sizes = [
        "--classes",
        classes,
        "--images",
        images,
        "--validations",
        validations,
        "--size",
        values.size,
      ];
      process.stdout.write(
        `${tree} | ${execFileSync(process.execPath, [...own, ...sizes, "--tree", folder], { encoding: "utf8" })}`,
      );
    }
}

async function measure(tree: string): Promise<void> {
  const forward = await forwardPasses();
  const path = pathToFileURL(join(tree, "packages/cli/src/report/run-report.ts")).href;
  const { createRunReport } = (await import(path)) as ReportModule;
  const folder = mkdtempSync(join(tmpdir(), "report-cost-"));
  const random = mulberry32(1);
  const names = Array.from({ length: classes }, (_, c) => `class ${c}`);
  const counts = names.map((_, c) => Math.ceil(500 / (c + 1)));
  const split = { images: 1000, missing: 0, positives: counts, negatives: counts };
  let clock = 0;
  const report = createRunReport(folder, {
    facts: {
      ...{ kind: "drawn", classes: { ids: names, names }, training: split, validation: split },
      ...{ prior: names.map((_, c) => 0.9 / (c + 1)), loss: { name: "csl", mode: "selective" } },
      ...{ machine: [], settings: {}, choices: {} },
    },
    ...{ policy: undefined, imageName: (sample: number) => `${sample}.jpg`, tell: console.error },
    now: () => clock + spent(),
  });
  const batches = Array.from({ length: Math.ceil(images / batchSize) }, (_, b) => {
    const rows = Math.min(batchSize, images - b * batchSize);
    const labels = Int8Array.from({ length: rows * classes }, () => {
      const draw = random();
      return draw < 0.02 ? 1 : draw < 0.22 ? 0 : -1;
    });
    const pixels = new Uint8Array(rows * size * size * 3).map(() => Math.floor(256 * random()));
    return { images: pixels, labels, size: rows, height: size, width: size };
  });
  await report.record(
    { type: "start", epochs: 9, steps: 9, parameters: 1, epoch: 0, step: 0, resumed: false },
    {},
  );
  const gathering: number[] = [];
  const writing: number[] = [];
  for (let epoch = 0; epoch < Number(values.validations); epoch++) {
    // Better with each validation, as in a training.
    const scores = batches.map(({ labels }) =>
      Float32Array.from(labels, (label) => 3 * (random() + random() + random() - 2) + 0.2 * epoch * label),
    );
    let before = spent();
    for (const [b, batch] of batches.entries()) report.onValidationBatch(batch, { raw: scores[b]! });
    gathering.push(spent() - before);
    const labels = Int8Array.from(batches.flatMap((batch) => [...batch.labels]));
    const all = Float32Array.from(scores.flatMap((own) => [...own]));
    const raw = { ...evaluate({ scores: all, labels, numClasses: classes }), images };
    clock += forward;
    before = spent();
    await report.record(
      { type: "validation", epoch, raw, improved: true, seconds: 1 },
      { type: "validation", epoch, raw },
    );
    writing.push(spent() - before);
  }
  rmSync(folder, { recursive: true });
  const sum = (times: readonly number[]): number => times.reduce((total, time) => total + time, 0);
  const mean = (times: readonly number[]): string => (sum(times) / times.length).toFixed(1);
  const share = (sum(gathering) + sum(writing)) / (forward * gathering.length);
  console.log(
    [
      `${forward.toFixed(0)} ms`,
      `${gathering[0]!.toFixed(1)}, ${mean(gathering)} ms`,
      `${mean(writing)} ms`,
      `${(100 * share).toFixed(2)} %`,
    ].join(" | "),
  );
}

/** Of all images with both kinds of weights, in milliseconds: by some batches of them. */
async function forwardPasses(): Promise<number> {
  await startEngine({ prefer: "wasm", threads: 1, advice: false });
  const tiny: TResNetShape = {
    layers: [1, 1, 1, 1],
    width: 0.25,
    blocks: ["basic", "basic", "basic", "basic"],
  };
  const model = createTResNet({ variant: tiny, numClasses: classes });
  const batch = tf.randomUniform<tf.Rank.R4>([batchSize, size, size, 3]);
  const times: number[] = [];
  for (let i = 0; i < 6; i++) {
    const before = spent();
    tf.tidy(() => model.forward(batch)).dataSync();
    times.push(spent() - before);
  }
  return (2 * Math.min(...times) * images) / batchSize;
}
