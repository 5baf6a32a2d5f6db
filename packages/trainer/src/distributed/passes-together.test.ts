import {
  calibration,
  chooseThresholds,
  compareProtocols,
  fBeta,
  fitTemperature,
  MetricAccumulator,
} from "@csl/metrics";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { ranksInProcess } from "../../test/ranks-in-process.js";
import { createToyModel, toyBatches } from "../../test/toy-model.js";
import { estimatePrior } from "../estimate-prior.js";
import { evaluateModel } from "../evaluate-model.js";
import { evaluateTogether } from "./evaluate-together.js";

beforeAll(() => tf.setBackend("cpu"));

const batches = toyBatches(7, { seed: 5, partial: true });
const dealt = (size: number, rank: number) => batches.filter((_, i) => i % size === rank);

/** Everything that a command asks an accumulator for. */
const accumulator = (): MetricAccumulator => new MetricAccumulator({ keepUnannotated: true, folds: 5 });
const results = (metrics: MetricAccumulator): string =>
  JSON.stringify([
    metrics.compute({ micro: true }),
    compareProtocols(metrics),
    calibration(metrics, { scoresAre: "logits" }),
    fitTemperature(metrics),
    chooseThresholds(metrics, { criterion: fBeta(1) }),
  ]);

test.each([2, 3, 9])(
  "%d ranks evaluate as one process, to the bit, whatever depends on the order",
  async (size) => {
    const model = createToyModel();
    const alone = accumulator();
    const evaluation = await evaluateModel(model, batches, { metrics: alone });
    const own = accumulator();
    let done = 0;
    const found = await Promise.all(
      ranksInProcess(size).map((collectives, rank) =>
        evaluateTogether(model, dealt(size, rank), {
          ...{ collectives, rounds: Math.ceil(batches.length / size) },
          ...(rank === 0 && { metrics: own, onProgress: (images: number) => (done = images) }),
        }),
      ),
    );
    expect(found).toEqual([evaluation, ...new Array(size - 1).fill(undefined)]);
    expect(results(own)).toBe(results(alone));
    expect(done).toBe(evaluation.images);
    model.dispose();
  },
);

test.each([2, 3, 9])("%d ranks estimate the prior of one process, to the bit", async (size) => {
  const model = createToyModel();
  const alone = await estimatePrior(model, batches, ["a", "b", "c"]);
  const all = await Promise.all(
    ranksInProcess(size).map((collectives, rank) =>
      estimatePrior(model, dealt(size, rank).reverse(), ["a", "b", "c"], { collectives }),
    ),
  );
  expect(all).toEqual(all.map(() => alone));
  model.dispose();
});

test("probabilities of all magnitudes add up to their sum in float64", async () => {
  const logits = Float32Array.from({ length: 400 }, (_, i) => -40 + i / 5);
  const expected = logits.reduce((sum, x) => sum + Math.fround(1 / (1 + Math.exp(-x))), 0) / logits.length;
  const batch = { images: new Float32Array(3 * 400), size: 400, height: 1, width: 1 };
  const prior = await estimatePrior({ forward: () => tf.tensor2d(logits, [400, 1]) }, [batch], ["a"]);
  expect(prior.values[0]).toBe(Math.fround(expected));
});
