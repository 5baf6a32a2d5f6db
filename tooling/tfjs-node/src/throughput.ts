// Images per second of the quick start's training step (forward, loss, backward, Adam) on the engine named by the first
// argument: the fastest of some steps.
import { type EngineName, startEngine } from "@csl/engine";
import { createTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";

const batch = 32;
const size = 64;
const { name, device, version } = await startEngine({ prefer: process.argv[2] as EngineName });
const model = createTResNet({
  variant: { layers: [1, 1, 2, 1], width: 0.25, blocks: ["basic", "basic", "bottleneck", "bottleneck"] },
  numClasses: 80,
  seed: 1,
});
const images = tf.randomUniform<tf.Rank.R4>([batch, size, size, 3], 0, 1, "float32", 1);
const labels = tf.cast(tf.greater(tf.randomUniform([batch, 80], 0, 1, "float32", 2), 0.95), "float32");
const optimizer = tf.train.adam(1e-3);
const variables = [...model.parameters().values()];
let best = Number.POSITIVE_INFINITY;
for (let i = 0; i < 30; i++) {
  const started = performance.now();
  const loss = (): tf.Scalar =>
    tf.losses.sigmoidCrossEntropy(labels, model.forward(images, { training: true })) as tf.Scalar;
  optimizer.minimize(loss, true, variables)?.dataSync();
  best = Math.min(best, performance.now() - started);
}
console.log(`${name} on ${device} (${version}): ${((1000 * batch) / best).toPrecision(3)} images/s`);
process.exit(0);
