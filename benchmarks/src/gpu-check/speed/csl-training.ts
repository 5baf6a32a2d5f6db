import { partialLoss, selective } from "@csl/partial-loss";
import { captureStep } from "@csl/tfjs-backend-torch";
import { type Batch, train } from "@csl/trainer";
import { createTResNet } from "@csl/tresnet";
import type { Job } from "./job.js";
import { lossSettings } from "./loss-settings.js";
import { randomBatch } from "./random-batch.js";
import type { Repetitions } from "./repetitions.js";
import { waitForDevice } from "./wait-for-device.js";

const endless = 1e6;

/**
 * The trainer itself, on a batch in host memory: each step moves bytes to the device, computes forward, loss, gradients, Adam and
 * the average of the weights, and reads the loss. Its batches come when a repetition asks for them.
 */
export function training(job: Job): Repetitions {
  const { shape, classes, graph = false } = job;
  const batch = randomBatch(job);
  const model = createTResNet({ variant: shape, numClasses: classes, seed: 1 });
  const { gamma, topK, priorThreshold, prior } = lossSettings(classes);
  const unannotated = selective({ topK, prior, priorThreshold });
  let left = 0;
  let wake = (): void => {};
  let ended = false;

  async function* batches(): AsyncGenerator<Batch> {
    while (!ended) {
      while (left === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
      if (ended) return;
      left--;
      yield batch;
    }
  }
  const events = train({
    model,
    loss: (logits, labels) => partialLoss(logits, labels, { unannotated, gamma, validate: false }),
    trainBatches: batches,
    ...{ batchesPerEpoch: endless, epochs: 1 },
    classes: { ids: Array.from({ length: classes }, (_, c) => `class ${c}`) },
    optimizer: { lr: 1e-4 },
    ...(graph && { captureStep }),
  })[Symbol.asyncIterator]();

  return {
    async run(count) {
      left = count;
      wake();
      for (let steps = 0; steps < count; ) {
        const { value, done } = await events.next();
        if (done) throw new Error("the training ended");
        if (value.type === "step") steps++;
      }
      await waitForDevice(model.parameters().values().next().value!);
    },
    async end() {
      ended = true;
      wake();
      while (!(await events.next()).done);
      model.dispose();
    },
  };
}
