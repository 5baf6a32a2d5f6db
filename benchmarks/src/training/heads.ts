// What a training step of TResNet-M costs with each head, as a Markdown table: processor time per image of the cheapest of
// some steps, and the median of the ratios to the linear head. The heads take turns step by step, so that other work on
// the machine slows all of them. Forward, loss, backward and Adam, float32, one thread. With --classes 80,9605 three models
// of 9,605 classes are in memory at once, for which wasm has too little: --engine torch.
//
//   pnpm --filter @csl/benchmarks heads [--engine wasm] [--size 112] [--batch-size 4] [--steps 4] [--classes 80]
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import "@tensorflow/tfjs";
import { startEngine } from "@csl/engine";
import { createTResNet, type TResNetOptions } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";

const { values: flags } = parseArgs({
  options: {
    engine: { type: "string", default: "wasm" },
    size: { type: "string", default: "112" },
    "batch-size": { type: "string", default: "4" },
    steps: { type: "string", default: "4" },
    classes: { type: "string", default: "80" },
  },
});
const [size, batch, steps] = [flags.size, flags["batch-size"], flags.steps].map(Number) as [
  number,
  number,
  number,
];
const heads: Record<string, Pick<TResNetOptions, "head" | "decoder">> = {
  linear: { head: "linear" },
  bottleneck: { head: "bottleneck" },
  "ml-decoder": { head: "ml-decoder" },
};

/** One step of a training; it waits for the result. */
interface Training {
  head: string;
  step(): void;
  dispose(): void;
}

function training(head: string, numClasses: number): Training {
  const model = createTResNet({ variant: "m", numClasses, seed: 1, ...heads[head] });
  const images = tf.randomUniform<tf.Rank.R4>([batch, size, size, 3], 0, 1, "float32", 1);
  const labels = tf.cast(
    tf.greater(tf.randomUniform([batch, numClasses], 0, 1, "float32", 2), 0.95),
    "float32",
  );
  const optimizer = tf.train.adam(1e-4);
  const loss = (): tf.Scalar =>
    tf.losses.sigmoidCrossEntropy(labels, model.forward(images, { training: true })) as tf.Scalar;
  return {
    head,
    step() {
      const value = optimizer.minimize(loss, true, [...model.parameters().values()])!;
      value.dataSync();
      value.dispose();
    },
    dispose() {
      tf.dispose([images, labels]);
      optimizer.dispose();
      model.dispose();
    },
  };
}

/** Milliseconds of processor time per image, of each head and step: every head takes a step before one takes the next. */
function measure(numClasses: number): number[][] {
  const trainings = Object.keys(heads).map((head) => training(head, numClasses));
  for (const { step } of trainings) step(); // compiles, and makes the optimizer's moments
  const rounds = Array.from({ length: steps }, () =>
    trainings.map(({ step }) => {
      const before = process.cpuUsage();
      step();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000 / batch;
    }),
  );
  for (const { dispose } of trainings) dispose();
  return trainings.map((_, head) => rounds.map((round) => round[head]!));
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const { name } = await startEngine({ prefer: flags.engine as "wasm", threads: 1 });
console.log(`TResNet-M, ${size} px, batch ${batch}, engine ${name}, 1 thread, ${cpus()[0]!.model}\n`);
console.log("| classes | head | ms of processor time per image | times the linear head |");
console.log("| --- | --- | --- | --- |");
for (const classes of flags.classes.split(",").map(Number)) {
  const times = measure(classes);
  Object.keys(heads).forEach((head, i) => {
    const ratio = median(times[i]!.map((time, round) => time / times[0]![round]!));
    console.log(`| ${classes} | ${head} | ${Math.min(...times[i]!).toFixed(0)} | ${ratio.toFixed(2)} |`);
  });
}
process.exit(0); // engines keep threads
