import { expect, test } from "vitest";
import type { TrainEvent } from "../train-event.js";
import { showTraining } from "./show-training.js";

async function* events(): AsyncGenerator<TrainEvent> {
  yield {
    type: "step",
    epoch: 0,
    step: 5,
    totalSteps: 10,
    loss: 1.5,
    lr: 0.1,
    beta1: 0.9,
    picturesPerSecond: 250,
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
  await expect(showTraining(events(), terminal, { epochs: 2, record: () => {}, device })).rejects.toThrow(
    "interrupted",
  );
  expect(lines).toEqual([
    "train 1/2 ██████████░░░░░░░░░░  50% · loss 1.500 · GPU 3.1 GB 90% · 250 pictures/s · 0:12 left",
  ]);
  expect(stopped).toBe(true);
});
