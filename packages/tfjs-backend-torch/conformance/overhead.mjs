// What one operator costs on the way from TensorFlow.js to libtorch, layer by layer, on 64 numbers (where arithmetic is
// nothing). `npx tsx --conditions=@csl/source conformance/overhead.mjs`

import { createRequire } from "node:module";
import { startTorch } from "../src/start-torch.js";

const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs-core");
const { version } = await startTorch({ threads: 1 });
await tf.setBackend("torch");
const backend = tf.backend();
const { binding } = backend;
const a = tf.randomNormal([64]);
const b = tf.randomNormal([64]);
const [x, y] = [backend.handleOf(a), backend.handleOf(b)];
const add = binding.findOperator("aten::add", "Tensor");

const layers = {
  "an empty call into the binding": () => binding.liveHandles(),
  "the operator through the binding, and free": () => binding.free(binding.callOperator(add, x, y)),
  "the kernel as the engine calls it": () => {
    const { dataId } = tf.getKernel("Add", "torch").kernelFunc({ inputs: { a, b }, backend });
    backend.disposeData(dataId);
  },
  "tf.add": () => tf.add(a, b).dispose(),
  "tf.relu": () => tf.relu(a).dispose(),
  "tf.reshape": () => tf.reshape(a, [8, 8]).dispose(),
};

const calls = 20_000;
const microseconds = (body) => {
  const start = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) body();
  return Number(process.hrtime.bigint() - start) / calls / 1e3;
};
const median = (values) => values.sort((p, q) => p - q)[values.length >> 1];
const times = Object.fromEntries(Object.keys(layers).map((name) => [name, []]));
for (let round = 0; round < 11; round++) {
  for (const [name, body] of Object.entries(layers)) {
    const time = microseconds(body);
    if (round > 0) times[name].push(time);
  }
}
console.log(`${version}, node ${process.version}, median µs of 10 rounds of ${calls} calls`);
for (const [name, list] of Object.entries(times))
  console.log(`${median(list).toFixed(2).padStart(6)}  ${name}`);
