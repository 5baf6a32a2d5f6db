import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MetricAccumulator } from "@csl/metrics";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { toyLoss } from "../test/toy-model.js";
import { collect, toyTaskIn } from "../test/toy-training.js";

let folder: string;
beforeEach(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "trainer-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("onTrainBatch sees the logits that the loss got: the loss of them is the step's", async () => {
  const losses: number[] = [];
  const events = await collect(
    toyTaskIn(folder, {
      epochs: 1,
      onTrainBatch(batch, logits) {
        const labels = tf.tensor2d(Array.from(batch.labels, Number), [batch.size, 3]);
        const loss = tf.tidy(() => toyLoss(tf.tensor2d(logits, [batch.size, 3]), labels).dataSync()[0]!);
        losses.push(loss);
        labels.dispose();
      },
    }),
  );
  const told = events.flatMap((event) => (event.type === "step" ? [event.loss] : []));
  expect(losses).toHaveLength(5);
  for (const [i, loss] of losses.entries()) expect(loss).toBeCloseTo(told[i]!, 4);
});

test.each([true, false])("onValidationBatch sees what the scores are of; averages: %s", async (averages) => {
  const raw = new MetricAccumulator();
  const ema = new MetricAccumulator();
  const events = await collect(
    toyTaskIn(folder, {
      epochs: 1,
      ...(!averages && { ema: false as const }),
      onValidationBatch({ labels, size }, logits) {
        raw.add(logits.raw, labels, size);
        if (logits.ema) ema.add(logits.ema, labels, size);
      },
    }),
  );
  const validation = events.find((event) => event.type === "validation")!;
  expect(raw.compute().mapC).toBe(validation.raw.mapC);
  if (averages) expect(ema.compute().mapC).toBe(validation.ema!.mapC);
  else expect(ema.numSamples).toBe(0);
});
