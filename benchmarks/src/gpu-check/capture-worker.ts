// Trains a small TResNet twice from the same seed, without and with a recorded step, and prints how far the losses differ.
//
//   capture-worker.ts DEVICE PRECISION
import { partialLoss, selective } from "@csl/partial-loss";
import { captureStep } from "@csl/tfjs-backend-torch";
import { type CaptureStep, train } from "@csl/trainer";
import { createTResNet } from "@csl/tresnet";
import { startDevice } from "./device.js";
import type { Captured } from "./parts/capture.js";
import { lossSettings } from "./speed/loss-settings.js";
import { randomBatch } from "./speed/random-batch.js";
import { networks } from "./speed/speed-cases.js";

const [device, precision] = process.argv.slice(2) as [string, "float32" | "bf16"];
await startDevice(device, { precision });

const classes = 20;
const steps = 20;
const shape = networks.tiny!;
const batch = randomBatch({ task: "train", shape, size: 64, batch: 16, classes, precision });
const { gamma, topK, priorThreshold, prior } = lossSettings(classes);
const unannotated = selective({ topK, prior, priorThreshold });
let recorded = false;

const recording: CaptureStep = (step, example, options) => {
  const captured = captureStep(step, example, options);
  recorded = captured.recorded;
  return captured;
};

async function trained(options: { captureStep?: CaptureStep }): Promise<{ losses: number[]; ms: number }> {
  const losses: number[] = [];
  let last = performance.now();
  const times: number[] = [];
  for await (const event of train({
    model: createTResNet({ variant: shape, numClasses: classes, seed: 1 }),
    loss: (logits, labels) => partialLoss(logits, labels, { unannotated, gamma, validate: false }),
    trainBatches: () => Array.from({ length: steps }, () => batch),
    ...{ batchesPerEpoch: steps, epochs: 1 },
    classes: { ids: Array.from({ length: classes }, (_, c) => `class ${c}`) },
    optimizer: { lr: 1e-3 },
    ...options,
  })) {
    if (event.type !== "step") continue;
    losses.push(event.loss);
    times.push(performance.now() - last);
    last = performance.now();
  }
  return { losses, ms: times.slice(steps / 2).reduce((sum, ms) => sum + ms, 0) / (steps / 2) };
}

const plain = await trained({});
const replayed = await trained({ captureStep: recording });
const differences = plain.losses.map((loss, i) => Math.abs(replayed.losses[i]! / loss - 1));
const result: Captured = {
  recorded,
  worst: Math.max(...differences),
  plainMs: plain.ms,
  replayedMs: replayed.ms,
};
console.log(JSON.stringify(result));
process.exit();
