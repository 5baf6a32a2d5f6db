// The same weights, data and order, trained in float32 on the torch engine, on wasm and in PyTorch: the largest relative
// difference of the loss at any step. Ends with an error if it exceeds 1e-3.
//
//   pnpm --filter @csl/benchmarks torch-agreement [--steps 50] [--device cuda] [--engines torch,wasm] [--json]
import { parseArgs } from "node:util";
import { startEngine } from "@csl/engine";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { partialLoss } from "@csl/partial-loss";
import { createAdam } from "@csl/trainer";
import { createTResNet, type StateDict, type TResNetShape } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { type Device, devices, startDevice } from "../gpu-check/device.js";
import { inPyTorch } from "../python/in-pytorch.js";

const { values: flags } = parseArgs({
  options: {
    steps: { type: "string", default: "50" },
    device: { type: "string", default: "cpu" },
    engines: { type: "string", default: "torch,wasm" },
    json: { type: "boolean", default: false },
  },
});
const shape: TResNetShape = {
  layers: [1, 1, 2, 1],
  width: 0.25,
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
};
const [batches, batch, size, classes] = [4, 8, 64, 10];
const run = { steps: Number(flags.steps), lr: 3e-4, beta1: 0.9 };

const random = mulberry32(1);
const imageValues = Float32Array.from({ length: batches * batch * size * size * 3 }, random);
const labelValues = Float32Array.from({ length: batches * batch * classes }, () => (random() < 0.2 ? 1 : 0));

async function onBackend(backend: string): Promise<number[]> {
  await tf.setBackend(backend);
  const model = createTResNet({ variant: shape, numClasses: classes, seed: 3 });
  const adam = createAdam(model.parameters());
  const values = batch * size * size * 3;
  const losses: number[] = [];
  for (let step = 0; step < run.steps; step++) {
    const i = step % batches;
    const images = tf.tensor4d(imageValues.slice(i * values, (i + 1) * values), [batch, size, size, 3]);
    const labels = tf.tensor2d(labelValues.slice(i * batch * classes, (i + 1) * batch * classes), [
      batch,
      classes,
    ]);
    // With gammas of 0 it is the plain cross-entropy.
    const gamma = { positive: 0, negative: 0, unannotated: 0 };
    const { value, grads } = tf.variableGrads(
      () => partialLoss(model.forward(images, { training: true }), labels, { gamma }),
      [...model.parameters().values()],
    );
    losses.push((await value.data())[0]!);
    const gradients = new Map([...model.parameters()].map(([key, { name }]) => [key, grads[name]!]));
    adam.apply(gradients, run);
    tf.dispose([value, grads, images, labels]);
  }
  adam.dispose();
  model.dispose();
  return losses;
}

async function startingState(): Promise<StateDict> {
  const model = createTResNet({ variant: shape, numClasses: classes, seed: 3 });
  const state = await model.stateDict();
  model.dispose();
  return state;
}

const engines = flags.engines.split(",");
if (engines.includes("wasm")) await startEngine({ prefer: "wasm" });
await startDevice(flags.device);
const losses: Record<string, number[]> = {};
for (const engine of engines) losses[engine] = await onBackend(engine);
await tf.setBackend("torch");
losses.PyTorch = inPyTorch<number[]>(
  "agreement.py",
  {
    ...{ shape, classes, state: await startingState() },
    images: { shape: [batches, batch, size, size, 3], data: imageValues },
    labels: { shape: [batches, batch, classes], data: labelValues },
  },
  { ...run, device: devices[flags.device as Device].pytorch },
);

const worst: Record<string, number> = {};
for (const other of Object.keys(losses).filter((name) => name !== "torch")) {
  const differences = losses.torch!.map(
    (loss, i) => Math.abs(loss - losses[other]![i]!) / Math.abs(losses[other]![i]!),
  );
  worst[other] = Math.max(...differences);
  if (!flags.json)
    console.log(
      `torch and ${other}: at most ${worst[other].toExponential(1)} at step ${differences.indexOf(worst[other]) + 1} of ${run.steps}`,
    );
}
const passed = Object.values(worst).every((value) => value <= 1e-3);
const ends = Object.fromEntries(
  Object.entries(losses).map(([name, list]) => [name, [list[0]!, list.at(-1)!]]),
);
if (flags.json) console.log(JSON.stringify({ worst, ends, passed }));
else {
  const texts = Object.entries(ends).map(
    ([name, [first, last]]) => `${name} ${first!.toFixed(4)} → ${last!.toFixed(4)}`,
  );
  console.log(`loss: ${texts.join(", ")}`);
  if (!passed) console.log("expected 1e-3 at most");
}
if (!passed && !flags.json) process.exitCode = 1;
process.exit();
