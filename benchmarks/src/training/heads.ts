// What a training step of TResNet-M costs with each head, in processor time per image of the cheapest of some steps (the
// same on a busy machine), as a Markdown table. Forward, loss, backward and Adam, float32, one thread.
//
//   pnpm --filter @csl/benchmarks heads [--engine wasm] [--size 112] [--batch-size 8] [--steps 4] [--classes 80,9605]
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
    "batch-size": { type: "string", default: "8" },
    steps: { type: "string", default: "4" },
    classes: { type: "string", default: "80,9605" },
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

/** Milliseconds of processor time per image. */
function measure(numClasses: number, head: Pick<TResNetOptions, "head" | "decoder">): number {
  const model = createTResNet({ variant: "m", numClasses, seed: 1, ...head });
  const images = tf.randomUniform<tf.Rank.R4>([batch, size, size, 3], 0, 1, "float32", 1);
  const labels = tf.cast(
    tf.greater(tf.randomUniform([batch, numClasses], 0, 1, "float32", 2), 0.95),
    "float32",
  );
  const optimizer = tf.train.adam(1e-4);
  const loss = (): tf.Scalar =>
    tf.losses.sigmoidCrossEntropy(labels, model.forward(images, { training: true })) as tf.Scalar;
  const times = Array.from({ length: steps }, () => {
    const before = process.cpuUsage();
    const value = optimizer.minimize(loss, true, [...model.parameters().values()])!;
    value.dataSync();
    value.dispose();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / batch;
  });
  tf.dispose([images, labels]);
  optimizer.dispose();
  model.dispose();
  return Math.min(...times);
}

const { name } = await startEngine({ prefer: flags.engine as "wasm", threads: 1 });
console.log(`TResNet-M, ${size} px, batch ${batch}, engine ${name}, 1 thread, ${cpus()[0]!.model}\n`);
console.log("| head | classes | ms of processor time per image |\n| --- | --- | --- |");
for (const classes of flags.classes.split(",").map(Number))
  for (const [head, options] of Object.entries(heads))
    console.log(`| ${head} | ${classes} | ${measure(classes, options).toFixed(0)} |`);
process.exit(0); // engines keep threads
