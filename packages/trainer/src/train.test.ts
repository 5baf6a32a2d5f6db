import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCheckpoint } from "@csl/checkpoints";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createToyModel, toyBatches, toyLoss } from "../test/toy-model.js";
import { collect, toyTaskIn } from "../test/toy-training.js";
import type { TrainTask } from "./task.js";
import { train } from "./train.js";
import type { TrainEvent } from "./train-event.js";

setThreadsCount(1);
const classes = { ids: ["red", "green", "blue"] };
let folder: string;

beforeEach(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "trainer-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const toyTask = (options: Partial<TrainTask> = {}): TrainTask => toyTaskIn(folder, options);

function ofType<T extends TrainEvent["type"]>(
  events: TrainEvent[],
  type: T,
): Extract<TrainEvent, { type: T }>[] {
  return events.filter((event): event is Extract<TrainEvent, { type: T }> => event.type === type);
}

function numbers(state: StateDict): number[][] {
  return [...state.values()].map(({ data }) => [...data]);
}

describe.each(["cpu", "wasm"])("a run on %s", (backend) => {
  beforeEach(async () => {
    await tf.setBackend(backend);
  });

  test("learns, reports every step in order, and writes complete checkpoints", async () => {
    const task = toyTask({ runningPrior: true });
    const events = await collect(task);
    const shape = events.map(({ type }) => type).filter((type) => type !== "step" && type !== "validating");
    expect(shape[0]).toBe("start");
    expect(shape.at(-1)).toBe("end");
    expect(shape.filter((type) => type === "epoch")).toHaveLength(4);
    const steps = ofType(events, "step");
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(steps[3]!.lr).toBeCloseTo(0.1, 12); // the peak is at 0.2 · 20 - 1
    expect(steps[3]!.beta1).toBeCloseTo(0.85, 12);
    expect(steps[19]).toMatchObject({ epoch: 3, totalSteps: 20, secondsLeft: 0 });
    // chance is about a half here; separable colours end far above it
    const last = ofType(events, "validation").at(-1)!;
    expect(last.raw.mapC).toBeGreaterThan(0.95);
    expect(last.ema!.images).toBe(24);
    const prior = ofType(events, "epoch").at(-1)!.prior!;
    expect(prior).toMatchObject({ ids: classes.ids, count: 4 * 5 * 8 });
    const { state, weights, config } = await loadCheckpoint(join(folder, "best.safetensors"), { classes });
    expect(config).toEqual({ note: "toy" });
    expect(weights).toBe(ofType(events, "end")[0]!.best!.weights);
    expect([...state.keys()]).toEqual(["norm.running_mean", "fc.weight", "fc.bias"]);
    expect((await readdir(folder)).sort()).toEqual(["best.safetensors", "last.safetensors"]);
  });

  test("leaves no tensor behind, at the end or when the caller breaks out", async () => {
    const model = createToyModel();
    await expectNoLeak(() => collect(toyTask({ model, epochs: 1 })));
    await expectNoLeak(async () => {
      for await (const { type } of train(toyTask({ model, overwrite: true }))) if (type === "step") break;
    });
  });

  test("2N steps equal N steps and a resume of N, bit for bit", async () => {
    const whole = toyTask({ runningPrior: true });
    await collect(whole);
    const wholeLast = await loadCheckpoint(join(folder, "last.safetensors"));
    const stop = new AbortController();
    const events = await collect(
      toyTask({ signal: stop.signal, runningPrior: true, overwrite: true }),
      (event) => {
        if (event.type === "step" && event.step === 12) stop.abort(); // in the middle of the third epoch
      },
    );
    expect(events.at(-1)).toMatchObject({ type: "end", steps: 12, stopped: "aborted" });
    const asked: number[][] = [];
    const resumed = toyTask({
      resume: join(folder, "last.safetensors"),
      runningPrior: true,
      trainBatchesFrom: (epoch, from) => {
        asked.push([epoch, from]);
        return toyBatches(5, { seed: epoch, partial: true }).slice(from);
      },
    });
    const rest = await collect(resumed);
    expect(rest[0]).toMatchObject({ type: "start", epoch: 2, step: 12, resumed: true });
    expect(ofType(rest, "step").map(({ step }) => step)).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
    expect(asked).toEqual([[2, 2]]); // what is behind is not read again

    const resumedLast = await loadCheckpoint(join(folder, "last.safetensors"));
    expect(numbers(await resumed.model.stateDict())).toEqual(numbers(await whole.model.stateDict()));
    expect(numbers(resumedLast.ema!)).toEqual(numbers(wholeLast.ema!));
    expect(resumedLast.training!.adam).toEqual(wholeLast.training!.adam);
    // Best score, epoch, loss sums and the running prior's float64 sums.
    expect(resumedLast.training!.progress).toEqual(wholeLast.training!.progress);
    expect(resumedLast.training!.progress.prior!.count).toBe(160);
  });
});

test("a checkpoint every few steps; the epoch says how long it waited for batches", async () => {
  let clock = 0;
  async function* slow(epoch: number) {
    for (const batch of toyBatches(5, { seed: epoch })) {
      clock += 5_000;
      yield batch;
    }
  }
  const events = await collect(
    toyTask({
      epochs: 1,
      checkpointEverySteps: 2,
      trainBatches: slow,
      settings: { seed: 1 },
      now: () => (clock += 100),
    }),
  );
  const kinds = events.map(({ type }) => type).filter((type) => type === "step" || type === "checkpoint");
  expect(kinds.slice(0, 6).join(" ")).toBe("step step checkpoint step step checkpoint");
  const { seconds, waitedSeconds } = ofType(events, "epoch")[0]!;
  expect(waitedSeconds).toBeGreaterThanOrEqual(25);
  expect(waitedSeconds).toBeLessThan(seconds);
  const other = toyTask({ epochs: 1, resume: join(folder, "last.safetensors"), settings: { seed: 2 } });
  await expect(collect(other)).rejects.toThrow("seed 2 instead of 1");
});

test("an abort during validation leaves the validation due", async () => {
  const stop = new AbortController();
  await collect(toyTask({ epochs: 2, signal: stop.signal }), (event) => {
    if (event.type === "validating") stop.abort();
  });
  const rest = await collect(toyTask({ epochs: 2, resume: join(folder, "last.safetensors") }));
  expect(rest[0]).toMatchObject({ epoch: 0, step: 5 });
  expect(ofType(rest, "validation").map(({ epoch }) => epoch)).toEqual([0, 1]);
  expect(ofType(rest, "step")).toHaveLength(5);
});

test("two accumulated batches step as one batch of both", async () => {
  // The toy's running mean is per batch; with the same colours in both halves it is the same either way.
  const [batch] = toyBatches(1);
  const twice = {
    ...batch!,
    images: Uint8Array.from([...batch!.images, ...batch!.images]),
    labels: Int8Array.from([...batch!.labels, ...batch!.labels]),
    size: 2 * batch!.size,
  };
  const apart = toyTask({
    trainBatches: () => [batch!, batch!],
    batchesPerEpoch: 2,
    accumulate: 2,
    epochs: 3,
  });
  const together = toyTask({
    trainBatches: () => [twice],
    batchesPerEpoch: 1,
    epochs: 3,
    overwrite: true,
  });
  const events = await collect(apart);
  expect(ofType(events, "step")).toHaveLength(3);
  await collect(together);
  for (const key of ["fc.weight", "fc.bias"])
    expectAllClose(
      (await apart.model.stateDict()).get(key)!.data,
      (await together.model.stateDict()).get(key)!.data,
      {
        atol: 1e-6,
      },
    );
});

test("stopEpoch ends early on the schedule of all epochs; finalWeights leaves the averages in the model", async () => {
  const task = toyTask({ stopEpoch: 1, finalWeights: "ema" });
  const events = await collect(task);
  expect(ofType(events, "step").at(-1)).toMatchObject({ step: 5, totalSteps: 5 });
  expect(ofType(events, "end")[0]!.stopped).toBeUndefined();
  const { ema } = await loadCheckpoint(join(folder, "last.safetensors"));
  expect(numbers(await task.model.stateDict())).toEqual(numbers(ema!));
});

test("a loss that is not finite stops the run, names step and rate, and keeps the last good checkpoint", async () => {
  let calls = 0;
  const task = toyTask({
    loss: (logits, labels) => {
      const loss = toyLoss(logits, labels);
      return ++calls === 8 ? tf.tidy(() => tf.mul(loss, Number.NaN) as tf.Scalar) : loss;
    },
  });
  await expectNoLeak(async () => {
    await expect(collect(task)).rejects.toThrow(
      /expected finite numbers in step 8, got NaN as the loss at a learning rate of 0\.0/,
    );
  });
  const { training, state } = await loadCheckpoint(join(folder, "last.safetensors"), { classes });
  expect(training!.progress.epoch).toBe(1);
  expect(numbers(state).flat().every(Number.isFinite)).toBe(true);
});

test("a validation that fails costs no training: last is written first", async () => {
  const labels = new Int8Array(24).fill(-1);
  const task = toyTask({ validationBatches: () => [{ ...toyBatches(1)[0]!, labels }] });
  await expect(collect(task)).rejects.toThrow("expected at least one class");
  const { training } = await loadCheckpoint(join(folder, "last.safetensors"));
  expect(training!.progress).toMatchObject({ epoch: 0, batch: 5, trained: true });
});

test("batches that fail cost no step: last is written first, and a resume starts with the batch that failed", async () => {
  async function* failing(epoch: number) {
    for (const [i, batch] of toyBatches(5, { seed: epoch, partial: true }).entries()) {
      if (epoch === 1 && i === 3) throw new Error("the disk is gone");
      yield batch;
    }
  }
  const events: TrainEvent[] = [];
  const broken = toyTask({ trainBatches: failing });
  await expect(collect(broken, (event) => events.push(event))).rejects.toThrow("the disk is gone");
  expect(events.at(-1)).toMatchObject({ type: "checkpoint", kind: "last" });
  const resumed = toyTask({ resume: join(folder, "last.safetensors") });
  const rest = await collect(resumed);
  expect(ofType(rest, "step")[0]).toMatchObject({ epoch: 1, step: 9 });
  const whole = toyTask({ checkpointFolder: join(folder, "whole") });
  await collect(whole);
  expect(numbers(await resumed.model.stateDict())).toEqual(numbers(await whole.model.stateDict()));
});
