import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCheckpoint } from "@csl/checkpoints";
import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createToyModel, toyBatches } from "../test/toy-model.js";
import { collect, toyTaskIn } from "../test/toy-training.js";
import type { Adam } from "./optimizer/adam.js";
import { trainStep } from "./step/train-step.js";

setThreadsCount(1);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trainer-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Keeps what it is given instead of taking a step. */
function recorder(): { adam: Adam; seen: Record<string, number[]> } {
  const seen: Record<string, number[]> = {};
  const adam = {
    step: 0,
    apply: (gradients: ReadonlyMap<string, tf.Tensor>) => {
      for (const [key, gradient] of gradients) seen[key] = [...gradient.dataSync()];
      return new Set<string>();
    },
  };
  return { adam: adam as unknown as Adam, seen };
}

/** Σ 3·x₀ + 4·x₂: a bias gradient of (3, 0, 4) per image. */
const slopes = (logits: tf.Tensor2D): tf.Scalar =>
  tf.tidy(() => tf.sum(tf.mul(logits, tf.tensor1d([3, 0, 4]))) as tf.Scalar);

/** One image: the batch's mean is its colour, so that the weights' gradient is 0 and that of the bias is the loss's slope. */
const images = (count: number) => toyBatches(count, { size: 1 });

describe.each(["cpu", "wasm"])("on %s", (backend) => {
  beforeEach(async () => {
    await tf.setBackend(backend);
  });

  test.each([
    // √(3² + 4²) = 5
    [
      { batches: 1, most: 2 },
      { norm: 5, bias: [3 * (2 / 5), 0, 4 * (2 / 5)] },
    ],
    [
      { batches: 1, most: 5.1 },
      { norm: 5, bias: [3, 0, 4] },
    ],
    // Accumulated gradients are added first: (6, 0, 8), of norm 10.
    [
      { batches: 2, most: 5 },
      { norm: 10, bias: [3, 0, 4] },
    ],
  ])("%o", async ({ batches, most }, { norm, bias }) => {
    const model = createToyModel();
    const { adam, seen } = recorder();
    const learner = { model, loss: slopes, adam, numClasses: 3 };
    let gradientNorm = 0;
    await expectNoLeak(async () => {
      const result = await trainStep(learner, images(batches), { lr: 1, beta1: 0.9 }, { clipGradNorm: most });
      ({ gradientNorm } = result);
    });
    expect(gradientNorm).toBeCloseTo(norm, 5);
    expectAllClose(seen["fc.bias"]!, bias, { rtol: 1e-5, atol: 1e-6 }); // torch adds 1e-6 to the norm
    model.dispose();
  });
});

describe.each([1, 2])("a run that accumulates %i batches", (accumulate) => {
  const options = { clipGradNorm: 0.5, accumulate };
  beforeEach(() => tf.setBackend("cpu"));

  test("stopped and resumed equals the whole, bit for bit; its steps tell the norm", async () => {
    const whole = await collect(toyTaskIn(folder, options));
    const last = join(folder, "last.safetensors");
    const expected = await loadCheckpoint(last);
    const norms = whole.flatMap((event) => (event.type === "step" ? [event.gradientNorm] : []));
    expect(norms.some((norm) => norm > 0.5)).toBe(true); // before clipping

    const stop = new AbortController();
    const first = toyTaskIn(folder, { ...options, overwrite: true, signal: stop.signal });
    await collect(first, (event) => event.type === "step" && event.step === 4 && stop.abort());
    const rest = await collect(toyTaskIn(folder, { ...options, resume: last }));
    expect(await loadCheckpoint(last)).toEqual(expected);
    expect(rest.flatMap((event) => (event.type === "step" ? [event.gradientNorm] : []))).toEqual(
      norms.slice(4),
    );
  });
});

test("a limit that is never reached changes no bit; events have the norm with it and without", async () => {
  await tf.setBackend("cpu");
  const losses = async (options: object) =>
    (await collect(toyTaskIn(folder, { overwrite: true, ...options }))).flatMap((event) =>
      event.type === "step" ? [event] : [],
    );
  const plain = await losses({});
  const limited = await losses({ clipGradNorm: 1e9 });
  const numbers = ({ loss, gradientNorm }: (typeof plain)[number]): number[] => [loss, gradientNorm];
  expect(limited.map(numbers)).toEqual(plain.map(numbers));
  expect(plain.every(({ gradientNorm }) => gradientNorm > 0)).toBe(true);
});
