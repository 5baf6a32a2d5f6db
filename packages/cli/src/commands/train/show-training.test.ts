import type { TrainEvent, ValidationEvent } from "@csl/trainer";
import { expect, test } from "vitest";
import { showTraining } from "./show-training.js";

async function* events(): AsyncGenerator<TrainEvent> {
  yield {
    type: "step",
    epoch: 0,
    step: 5,
    totalSteps: 10,
    loss: 6,
    images: 4,
    lr: 0.1,
    beta1: 0.9,
    gradientNorm: 3,
    imagesPerSecond: 250,
    secondsLeft: 12,
  };
  throw new Error("interrupted");
}

test("a step's line says what the GPU does; the watch ends with the training, also with one that fails", async () => {
  const lines: string[] = [];
  let stopped = false;
  const device = {
    text: () => "GPU 3.1 GB 90%",
    stop() {
      stopped = true;
    },
  };
  const terminal = {
    columns: 120,
    print: () => {},
    info: () => {},
    status: (line: string) => void lines.push(line),
    endStatus: () => {},
  };
  await expect(
    showTraining(events(), terminal, {
      epochs: 2,
      numClasses: 2,
      validationImages: 8,
      record: () => {},
      device,
    }),
  ).rejects.toThrow("interrupted");
  expect(lines).toEqual([
    "train 1/2 ██████████░░░░░░░░░░  50% · loss per image 1.500 · GPU 3.1 GB 90% · 250 images/s · 0:12 left",
  ]);
  expect(stopped).toBe(true);
});

test("a validation's line says which weights are the best so far, and nothing when none are", async () => {
  const lines: string[] = [];
  const terminal = {
    columns: 120,
    print: () => {},
    info: (line: string) => void lines.push(line),
    status: () => {},
    endStatus: () => {},
  };
  const scored = (mapC: number) =>
    ({ mapC, mapO: mapC, chance: { mapC: 0.125, mapO: 0.25 } }) as ValidationEvent["raw"];
  const validation = { type: "validation", raw: scored(0.5), ema: scored(0.25), seconds: 61 } as const;
  async function* validations(): AsyncGenerator<TrainEvent> {
    const best = { score: 0.5, weights: "raw", epoch: 0 } as const;
    yield { ...validation, epoch: 0, improved: true, best };
    yield { ...validation, epoch: 1, improved: false, best };
    yield { type: "end", steps: 1, seconds: 1 };
  }
  await showTraining(validations(), terminal, {
    epochs: 2,
    numClasses: 2,
    validationImages: 8,
    record: () => {},
  });
  const scores = "mAP(C) 50.00, mAP(O) 50.00 (chance 12.50 / 25.00), with averaged weights 25.00 / 25.00";
  expect(lines).toEqual([
    `epoch 1/2: ${scores} · best so far: raw weights · 1:01`,
    `epoch 2/2: ${scores} · 1:01`,
  ]);
});

test("an epoch's line says the loss per image, and per image and class, whatever the batch size", async () => {
  const lines: string[] = [];
  const terminal = {
    columns: 120,
    print: () => {},
    info: (line: string) => void lines.push(line),
    status: () => {},
    endStatus: () => {},
  };
  async function* epochs(): AsyncGenerator<TrainEvent> {
    // 3 steps with a mean loss of 80 over 96 images and 5 classes: 3 · 80 / 96 = 2.5 an image, 0.5 a class.
    yield { type: "epoch", epoch: 0, loss: 80, steps: 3, images: 96, seconds: 10, waitedSeconds: 1 };
    yield { type: "end", steps: 3, seconds: 10 };
  }
  await showTraining(epochs(), terminal, { epochs: 1, numClasses: 5, validationImages: 8, record: () => {} });
  expect(lines).toEqual([
    "epoch 1/1: loss 2.500 per image, 0.500 per class · 0:10, 10.0 % of it waiting for images",
  ]);
});
