// Trains the same network on every engine of the browser, one after the other, and evaluates every loss and its gradient.
import { startEngine } from "@csl/engine/browser";
import * as losses from "@csl/partial-loss";
import { createTResNet } from "@csl/tresnet";
import wasmFile from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import * as webgpu from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";

const size = 32;
const classes = 5;
const labels = [1, 0, -1, -1, 1, -1, 0, 1, -1, 0, 0, -1, -1, 1, -1, 1, 1, 0, -1, -1];
const rows = labels.length / classes;
const variant = { layers: [1, 1, 1, 1], width: 0.25, blocks: ["basic", "basic", "bottleneck", "bottleneck"] };
const csl = { unannotated: losses.selective({ topK: 1, topKScope: "sample" }) };
const table = {
  selective: (x, y) => losses.partialLoss(x, y, csl),
  normalized: (x, y) => losses.partialLoss(x, y, { unannotated: losses.normalized() }),
  ignore: (x, y) => losses.partialLoss(x, y, { unannotated: losses.ignore() }),
  negative: (x, y) => losses.partialLoss(x, y, { unannotated: losses.negative(), clip: 0.05 }),
  asymmetric: (x, y) => losses.asymmetricLoss(x, y),
  focal: (x, y) => losses.focalLoss(x, y),
  hill: (x, y) => losses.hillLoss(x, y),
  splc: (x, y) => losses.splcLoss(x, y),
  entropy: (x, y) => losses.entropyMaximizationLoss(x, y),
  robust: (x, y) => losses.generalizedRobustLoss(x, y, { slope: 1, center: 0.5, width: 0.5 }),
  large: (x, y) => losses.largeLoss(x, y, { rate: 0.2 }),
  expected: (x, y) => losses.expectedPositivesLoss(x, y, { expectedPositives: 1.5 }),
  assumed: (x, y) => losses.assumeNegativeLoss(x, y),
};

async function numbersOf(prefer) {
  const engine = await startEngine({ prefer, webgpu, wasmFile });
  const numbers = {};
  const y = tf.tensor2d(labels, [rows, classes]);
  const logits = tf.tensor2d(
    labels.map((_, i) => Math.sin(1 + i * 1.7) * 3),
    [rows, classes],
  );
  for (const [name, loss] of Object.entries(table)) {
    const { value, grad } = tf.valueAndGrad((x) => loss(x, y))(logits);
    numbers[name] = [...(await value.data()), ...(await grad.data())];
    tf.dispose([value, grad]);
  }
  const model = createTResNet({ variant, numClasses: classes, seed: 1 });
  const pixels = Float32Array.from({ length: rows * size * size * 3 }, (_, i) => ((i * 7919) % 251) / 255);
  const images = tf.tensor4d(pixels, [rows, size, size, 3]);
  const optimizer = tf.train.sgd(1e-3);
  const held = [];
  numbers.training = [];
  for (let step = 0; step < 2; step++) {
    const loss = optimizer.minimize(
      () => table.selective(model.forward(images, { training: true }), y),
      true,
    );
    numbers.training.push((await loss.data())[0]);
    loss.dispose();
    held.push(tf.memory().numTensors);
  }
  const scores = model.forward(images);
  numbers.inference = [...(await scores.data())];
  tf.dispose([scores, images, logits, y]);
  model.dispose();
  optimizer.dispose();
  return { engine: engine.name, device: engine.device, held, numbers };
}

// Its address says which engines, and whether the page is isolated from other origins: vite.config.js.
const asked = new URLSearchParams(location.search).get("engines").split(",");
const answer = { isolated: crossOriginIsolated, engines: [] };
try {
  for (const name of asked) answer.engines.push(await numbersOf(name));
} catch (error) {
  answer.failed = error.stack;
}
await fetch("/printed", { method: "POST", body: JSON.stringify(answer) });
