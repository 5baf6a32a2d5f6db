// A thousand training steps: handles of libtorch, data ids, tensors and resident memory at every tenth of them. Fails
// when a count grows at all, or memory by more than a tenth in the second half (in the first V8's heap finds its size).
// `npx tsx --conditions=@csl/source conformance/leak.mjs [steps]`

import { createRequire } from "node:module";
import { startTorch } from "../src/start-torch.js";

const tf = createRequire(import.meta.url)("@tensorflow/tfjs");
const steps = Number(process.argv[2] ?? 1000);
console.log(await startTorch({ threads: 1 }));
await tf.setBackend("torch");

const layers = tf.layers;
const model = tf.sequential({
  layers: [
    layers.conv2d({ inputShape: [32, 32, 3], filters: 16, kernelSize: 3, padding: "same", useBias: false }),
    layers.batchNormalization(),
    layers.leakyReLU({ alpha: 0.01 }),
    layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }),
    layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: "same" }),
    layers.conv2d({ filters: 32, kernelSize: 3, strides: 2, padding: "same", activation: "relu" }),
    layers.globalAveragePooling2d({}),
    layers.dense({ units: 10 }),
  ],
});
const optimizer = tf.train.adam(1e-3);

function step(seed) {
  tf.tidy(() => {
    const images = tf.randomUniform([16, 32, 32, 3], 0, 1, "float32", seed);
    const labels = tf.cast(tf.greater(tf.randomUniform([16, 10], 0, 1, "float32", seed + 1), 0.7), "float32");
    const loss = optimizer.minimize(
      () => tf.losses.sigmoidCrossEntropy(labels, model.apply(images, { training: true })),
      true,
    );
    if (!Number.isFinite(loss.dataSync()[0])) throw new Error(`step ${seed}: the loss is not finite`);
  });
}

const look = () => ({
  handles: tf.backend().binding.liveHandles(),
  dataIds: tf.backend().numDataIds(),
  tensors: tf.memory().numTensors,
  megabytes: Math.round(process.memoryUsage().rss / 2 ** 20),
});
const start = performance.now();
const seen = [];
for (let i = 1; i <= steps; i++) {
  step(i);
  if (i % (steps / 10) === 0) {
    seen.push(look());
    console.log(`step ${i}`, JSON.stringify(seen.at(-1)));
  }
}
console.log(`${((performance.now() - start) / steps).toFixed(2)} ms a step`);
const [first, middle, last] = [seen[0], seen[4], seen.at(-1)];
for (const count of ["handles", "dataIds", "tensors"]) {
  if (last[count] !== first[count]) throw new Error(`${count} grew from ${first[count]} to ${last[count]}`);
}
if (last.megabytes > middle.megabytes * 1.1)
  throw new Error(`memory grew from ${middle.megabytes} to ${last.megabytes} MB`);
