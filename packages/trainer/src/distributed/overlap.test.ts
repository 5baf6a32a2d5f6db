import { expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, test } from "vitest";
import { ranksInProcess } from "../../test/ranks-in-process.js";
import { createToyModel, toyBatches, toyLoss } from "../../test/toy-model.js";
import { createAdam } from "../optimizer/adam.js";
import { differentiate } from "../step/differentiate.js";
import { trainStep } from "../step/train-step.js";
import type { Collectives } from "./collectives.js";
import { bucketsOf } from "./gradient-buckets.js";
import { createRankSum } from "./rank-sum.js";

beforeEach(() => tf.setBackend("cpu"));

/** Layers y = tanh(x · w) one behind the other; `shared` is used by two of them. */
function layers(names: string[]) {
  const parameters = new Map(
    names.map((name, i) => [name, tf.tidy(() => tf.variable(tf.fill([3, 3], 0.1 * (i + 1))))] as const),
  );
  const model = {
    ...createToyModel(),
    parameters: () => parameters,
    forward: (images: tf.Tensor4D) =>
      tf.tidy(() =>
        ["first", "shared", "third", "shared", "last"].reduce<tf.Tensor2D>(
          (x, name) => tf.tanh(tf.matMul(x, parameters.get(name) as tf.Tensor as tf.Tensor2D)) as tf.Tensor2D,
          tf.mean(images, [1, 2]),
        ),
      ),
  };
  return { model };
}

describe("differentiate hands gradients on", () => {
  const images = () => tf.ones([2, 4, 4, 3]) as tf.Tensor4D;
  const loss = (logits: tf.Tensor2D) => tf.sum(logits) as tf.Scalar;

  test("from the last layer to the first, the same numbers, of a parameter that is used twice their sum", () => {
    const { model } = layers(["first", "shared", "third", "last", "unused"]);
    const whole = differentiate({ model, loss }, images(), tf.zeros([2, 3]));
    const handed = new Map<string, tf.Tensor>();
    const rest = differentiate({ model, loss }, images(), tf.zeros([2, 3]), (key, gradient) =>
      handed.set(key, gradient),
    );
    expect([...handed.keys()]).toEqual(["last", "third", "shared", "first"]);
    expect(rest.gradients.size).toBe(0);
    for (const [key, gradient] of handed)
      expect(gradient.dataSync()).toEqual(whole.gradients.get(key)!.dataSync());
  });

  test("and nothing stays behind", async () => {
    const { model } = layers(["first", "shared", "third", "last"]);
    await expectNoLeak(() => {
      const given = [images(), tf.zeros([2, 3])] as [tf.Tensor4D, tf.Tensor2D];
      const result = differentiate({ model, loss }, ...given, (_, gradient) => gradient.dispose());
      tf.dispose([...given, result.loss, result.logits, ...result.gradients.values()]);
    });
  });
});

test("buckets hold the parameters from the last to the first, and are full at so many numbers", () => {
  const sizes = { a: 1, b: 5, c: 2, d: 2, e: 9 };
  const parameters = new Map(Object.entries(sizes).map(([key, size]) => [key, tf.zeros([size])]));
  expect(bucketsOf(parameters, 4)).toEqual([["e"], ["d", "c"], ["b"], ["a"]]);
  expect(bucketsOf(parameters, 5)).toEqual([["e"], ["d", "c", "b"], ["a"]]);
  expect(bucketsOf(parameters)).toEqual([["e", "d", "c", "b", "a"]]);
});

describe("a step of three ranks", () => {
  type Options = { bucketSize: number; overlap: boolean; loss?: typeof toyLoss };

  /** Two batches make a step. Counts the sums that were asked for before the backward pass of a rank ended. */
  async function step({ bucketSize, overlap, loss = toyLoss }: Options) {
    const early = [0, 0, 0];
    const models = early.map(() => createToyModel());
    const adams = models.map((model) => createAdam(model.parameters()));
    const before = tf.memory().numTensors;
    const taken = ranksInProcess(3).map((collectives, rank) => {
      const [model, adam] = [models[rank]!, adams[rank]!];
      let ended = false;
      const counting: Collectives = {
        ...collectives,
        allReduce: (numbers) => {
          if (!ended) early[rank]!++;
          return collectives.allReduce(numbers);
        },
      };
      const sum = createRankSum(counting, model.parameters(), { bucketSize });
      const stop = (): boolean => {
        ended = true;
        return rank === 2;
      };
      const ranks = { stop, sum: overlap ? sum : { begin: withoutReady(sum.begin) } };
      const batches = toyBatches(6, { partial: true }).filter((_, i) => i % 3 === rank);
      const rate = { lr: 0.1, beta1: 0.9 };
      return trainStep({ model, adam, numClasses: 3, loss, ranks }, batches, rate, { clipGradNorm: 1 });
    });
    const results = await Promise.allSettled(taken);
    expect(tf.memory().numTensors).toBe(before);
    const weights = models.map((model) => [...model.parameters().values()].map((value) => value.dataSync()));
    return { early, results, weights };
  }

  const withoutReady =
    (begin: ReturnType<typeof createRankSum>["begin"]): typeof begin =>
    (gradients) => {
      const { ready: _, ...sum } = begin(gradients);
      return sum;
    };

  test("sums begin while the backward pass goes on, and the numbers are those of sums at its end", async () => {
    const overlapped = await step({ bucketSize: 1, overlap: true });
    const after = await step({ bucketSize: 1, overlap: false });
    const whole = await step({ bucketSize: 1000, overlap: true });
    expect(overlapped.early).toEqual([1, 1, 1]);
    expect(after.early).toEqual([0, 0, 0]);
    expect(whole.early).toEqual([0, 0, 0]);
    expect(overlapped.results[0]).toMatchObject({ value: { images: 48, stop: true } });
    for (const { results, weights } of [overlapped, after, whole])
      for (const rank of [0, 1, 2]) {
        expect(results[rank]).toEqual(overlapped.results[0]);
        expect(weights[rank]).toEqual(overlapped.weights[0]);
      }
  });

  test("a loss that is not finite on one of them stops all, although sums were under way", async () => {
    let calls = 0;
    const loss: typeof toyLoss = (logits, labels) =>
      tf.tidy(() => tf.mul(toyLoss(logits, labels), calls++ === 1 ? Number.NaN : 1));
    const { early, results } = await step({ bucketSize: 1, overlap: true, loss });
    expect(early).toEqual([1, 1, 1]);
    for (const result of results) expect(result).toMatchObject({ reason: { code: "not-finite" } });
  });
});
