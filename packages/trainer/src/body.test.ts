import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCheckpoint } from "@csl/checkpoints";
import { startEngine } from "@csl/engine";
import { Sha256 } from "@csl/internal/bytes/sha256";
import { expectAllClose, expectNoLeak } from "@csl/test-support";
import { createTResNet, type TResNet, type TResNetShape } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createToyModel } from "../test/toy-model.js";
import { collect, toyTaskIn } from "../test/toy-training.js";
import type { Batch } from "./batch.js";
import { createAdam } from "./optimizer/adam.js";
import type { TrainTask } from "./task.js";

let folder: string;
beforeEach(async () => {
  await startEngine({ prefer: "wasm", threads: 1 });
  folder = await mkdtemp(join(tmpdir(), "trainer-"));
});
afterEach(async () => {
  await tf.setBackend("cpu");
  await rm(folder, { recursive: true, force: true });
});

const variant: TResNetShape = {
  layers: [1, 1, 1, 1],
  width: 0.125,
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
};

/** Two batches of four noisy images of 32 × 32. */
const batches = (seed: number): Batch[] =>
  [0, 1].map((b) => ({
    images: new Uint8Array(4 * 32 * 32 * 3).map(
      (_, i) => (i * 7919 + 31 * b + 17 * seed + (i >> 9) * 40) % 251,
    ),
    labels: Int8Array.from({ length: 12 }, (_, i) => (i + b + seed) % 2),
    size: 4,
    height: 32,
    width: 32,
  }));

/** Three epochs of two steps, the first two of the head alone. */
function task(options: Partial<TrainTask> = {}): TrainTask & { model: TResNet } {
  const model = createTResNet({ variant, numClasses: 3, seed: 3 });
  const made = toyTaskIn(folder, {
    model,
    trainBatches: batches,
    batchesPerEpoch: 2,
    epochs: 3,
    validationBatches: () => batches(9),
    optimizer: { lr: 0.01 },
    body: { freezeEpochs: 2 },
    ...options,
  });
  return { ...made, model };
}

const isHead = (key: string): boolean => key.startsWith("head.");
/** Comparing bytes is quick; comparing objects of so many numbers is not. */
const bytes = () => readFile(join(folder, "last.safetensors"));
const hashes = (tensors: Iterable<readonly [string, Float32Array]>) =>
  [...tensors].map(([key, data]) => [key, new Sha256().update(data).hex()]);
const last = () => loadCheckpoint(join(folder, "last.safetensors"));

test("while the body is frozen only the head learns: weights, statistics, averages and moments of the body stay", async () => {
  const frozen = task({ stopEpoch: 2 });
  const before = await frozen.model.stateDict();
  await expectNoLeak(() => collect(frozen));
  const { state, ema, training } = await last();
  for (const [key, { data }] of before) {
    if (isHead(key)) expect(hashes([[key, state.get(key)!.data]])).not.toEqual(hashes([[key, data]]));
    else {
      const copies = [state, ema!].map((dict) => [key, dict.get(key)!.data] as const);
      expect(hashes(copies)).toEqual(
        hashes([
          [key, data],
          [key, data],
        ]),
      );
    }
  }
  const { moment1, moment2, step, skipped } = training!.adam;
  expect(step).toBe(4);
  for (const [key, moment] of moment1) {
    const touched = [moment, moment2.get(key)!].map((moments) => moments.some((x) => x !== 0));
    expect([key, ...touched]).toEqual([key, isHead(key), isHead(key)]);
    expect(skipped![key]).toBe(isHead(key) ? undefined : 4);
  }
  frozen.model.dispose();
});

test("afterwards all of it learns, and the body counts its own steps", async () => {
  const whole = task();
  const before = await whole.model.stateDict();
  await collect(whole);
  const { state } = await last();
  const still = [...before].filter(([key, { data }]) => state.get(key)!.data.every((x, i) => x === data[i]));
  expect(still.map(([key]) => key)).toEqual([]);
  expect(state.get([...state.keys()].find((key) => key.endsWith("num_batches_tracked"))!)!.data[0]).toBe(2);
  whole.model.dispose();
});

test.each([1, 3, 5])("stopped at step %i and resumed equals the whole, bit for bit", async (step) => {
  const options = { body: { freezeEpochs: 2, lrScale: 0.1 } };
  await collect(task(options));
  const expected = await bytes();
  const stop = new AbortController();
  await collect(task({ ...options, overwrite: true, signal: stop.signal }), (event) => {
    if (event.type === "step" && event.step === step) stop.abort();
  });
  await collect(task({ ...options, resume: join(folder, "last.safetensors") }));
  expect((await bytes()).equals(expected)).toBe(true);
});

test("a body of scale 1 that is never frozen is trained as without the option, bit for bit", async () => {
  await collect(task({ body: { freezeEpochs: 0, lrScale: 1 } }));
  const read = async () => {
    const { state, training } = await last();
    const weights = [...state].map(([key, { data }]) => [key, data] as const);
    return hashes([...weights, ...training!.adam.moment1, ...training!.adam.moment2]);
  };
  const expected = await read();
  const plain = task({ overwrite: true });
  delete plain.body;
  await collect(plain);
  expect(await read()).toEqual(expected);
});

describe.each(["cpu", "wasm"])("Adam on %s", (backend) => {
  // With m = (1 - β₁)g and v = (1 - β₂)g², both corrected, a first step is lr · g/|g| whatever g is.
  test("first steps are lr · lrScale long, also for a parameter that joins later", async () => {
    await tf.setBackend(backend);
    const parameters = new Map(["body", "head"].map((key) => [key, tf.variable(tf.tensor1d([1, 1]))]));
    const adam = createAdam(parameters, { lrScale: (key) => (key === "body" ? 0.1 : 1) });
    const gradient = tf.tensor1d([0.5, -20]);
    const both = new Map([...parameters.keys()].map((key) => [key, gradient]));
    const headOnly = new Map([["head", gradient]]);
    for (const gradients of [headOnly, headOnly, both]) adam.apply(gradients, { lr: 0.01, beta1: 0.9 });
    // Three equal gradients: each step of the head is 0.01 long, too.
    expectAllClose([...(await parameters.get("head")!.data())], [1 - 0.03, 1 + 0.03], { atol: 1e-6 });
    expectAllClose([...(await parameters.get("body")!.data())], [1 - 0.001, 1 + 0.001], { atol: 1e-6 });
    expect((await adam.state()).skipped).toEqual({ body: 2 });
    adam.dispose();
    tf.dispose([gradient, ...parameters.values()]);
  });
});

test("a run with other values is not resumed, and one without body or head refused", async () => {
  await collect(task({ stopEpoch: 1 }));
  const resume = join(folder, "last.safetensors");
  await expect(collect(task({ resume, body: { freezeEpochs: 1 } }))).rejects.toThrow(
    "freezeBody 1 instead of 2",
  );
  await expect(collect(task({ resume, body: { freezeEpochs: 2, lrScale: 0.5 } }))).rejects.toThrow(
    "bodyLrScale 0.5 instead of none",
  );
  const model = createToyModel();
  const refused = (body: TrainTask["body"] & object) =>
    expect(collect(toyTaskIn(join(folder, "other"), { model, body }))).rejects;
  await refused({ freezeEpochs: 1 }).toThrow("parameters are all body (first: fc.weight). Say which");
  await refused({ freezeEpochs: 5 }).toThrow("body.freezeEpochs to be a whole number from 0 to the 4 epochs");
  await refused({ freezeEpochs: 0.5 }).toThrow("body.freezeEpochs to be a whole number");
  await refused({ lrScale: 0 }).toThrow("body.lrScale to be a finite number above 0, got 0");
  await refused({ lr: 1 } as object).toThrow(/body: .*"lr"/);
});
