import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCheckpoint } from "@csl/checkpoints";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { collect, toyTaskIn } from "../test/toy-training.js";
import type { TrainTask } from "./task.js";
import type { TrainEvent } from "./train-event.js";

let folder: string;
beforeEach(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "trainer-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Twelve epochs whose raw weights have these scores, one a validation; the averages have none. */
function scored(scores: readonly number[], options: Partial<TrainTask> = {}, from = 0): TrainTask {
  let validation = from;
  return toyTaskIn(folder, {
    epochs: 12,
    ema: false,
    score: () => scores[validation++] ?? Number.NaN,
    ...options,
  });
}

/** What validations and the end say. */
const told = (events: readonly TrainEvent[]): unknown[] =>
  events.flatMap<unknown>((event) => {
    if (event.type === "validation") return [[event.epoch, event.improved, event.sinceBest]];
    if (event.type === "end") return [[event.stopped, event.best?.epoch]];
    return [];
  });

test("ends after so many validations without a better best; a better one starts the count again", async () => {
  const events = await collect(scored([0.1, 0.3, 0.2, 0.4, 0.4, 0.1], { patience: 2 }));
  expect(told(events)).toEqual([
    [0, true, 0],
    [1, true, 0],
    [2, false, 1],
    [3, true, 0],
    [4, false, 1], // as good is not better
    [5, false, 2],
    ["patience", 3],
  ]);
});

test.each<[string, readonly number[], Partial<TrainTask>, number, unknown]>([
  ["counts validations, not epochs", [0.5, 0.4, 0.3], { patience: 2, validateEvery: 2 }, 6, "patience"],
  ["counts scores that are not numbers", [], { patience: 3 }, 3, "patience"],
  [
    "that is reached at the last epoch ends nothing early",
    [0.5, 0.4],
    { patience: 1, epochs: 2 },
    2,
    undefined,
  ],
  ["is none by default", [0.5], {}, 12, undefined],
])("patience %s", async (_, scores, options, epochs, stopped) => {
  const events = await collect(scored(scores, options));
  expect(events.filter(({ type }) => type === "epoch")).toHaveLength(epochs);
  expect(events.at(-1)).toMatchObject({ type: "end", steps: epochs * 5 });
  expect((events.at(-1) as { stopped?: string }).stopped).toBe(stopped);
});

test("a resume keeps the count, has nothing to do after the end, and goes on with more patience", async () => {
  const scores = [0.5, 0.4, 0.3, 0.2, 0.1];
  const whole = await collect(scored(scores, { patience: 3 }));
  const { training } = await loadCheckpoint(join(folder, "last.safetensors"));

  const resume = join(folder, "last.safetensors");
  await collect(scored(scores, { patience: 3, stopEpoch: 2, overwrite: true }));
  const rest = await collect(scored(scores, { patience: 3, resume }, 2));
  expect(told(rest)).toEqual(told(whole).slice(2));
  expect((await loadCheckpoint(resume)).training).toEqual(training);

  const nothing = await collect(scored(scores, { patience: 3, resume }, 4));
  expect(nothing.map(({ type }) => type)).toEqual(["start", "checkpoint", "end"]);
  expect(nothing.at(-1)).toMatchObject({ stopped: "patience", steps: 20 });
  expect(told(await collect(scored(scores, { patience: 4, resume }, 4)))).toEqual([
    [4, false, 4],
    ["patience", 0],
  ]);
});
