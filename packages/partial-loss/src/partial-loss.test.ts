import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { testBackends, useBackend, valueAndGradient } from "../test/backends.js";
import type { LossOptions } from "./kernel/loss-settings.js";
import { partialLossValues } from "./kernel/partial-loss-values.js";
import { partialLoss } from "./partial-loss.js";
import { ignore, negative } from "./policies/fixed-weights.js";
import { normalized } from "./policies/normalized.js";
import { selective } from "./policies/selective.js";

const classes = 7;
const prior = [0.9, 0.1, 0.5, 0.2, 0.51, 0, 1];
const policies: Record<string, NonNullable<LossOptions["unannotated"]>> = {
  negative: negative(),
  ignore: ignore(),
  "normalized by proportion": normalized(),
  "normalized as the reference": normalized({ scheme: "reference" }),
  "selective, batch": selective({ topK: 2 }),
  "selective, sample, prior": selective({ topK: 2, topKScope: "sample", prior }),
  "selective, batch, prior, spareIgnored": selective({ topK: 1, prior, spareIgnored: true }),
  "selective, sample, prior, spareIgnored": selective({
    topK: 1,
    topKScope: "sample",
    prior,
    spareIgnored: true,
  }),
  "selective, prior alone": selective({ topK: 0, prior, priorThreshold: 0 }),
  "selective, k beyond the pool": selective({ topK: 100 }),
};
const variants: Record<string, LossOptions> = {
  defaults: {},
  "clip, mean": { clip: 0.05, reduction: "mean" },
  "focus gradient": { focusGradient: true, gamma: { positive: 1, negative: 2, unannotated: 7 } },
  "focus gradient, clip, odd gammas, annotated mean": {
    focusGradient: true,
    clip: 0.1,
    gamma: { positive: 0.5, negative: 1.5, unannotated: 3 },
    alpha: { positive: 2, negative: 0.5, unannotated: 0.25 },
    reduction: "annotated-mean",
  },
};

/** Distinct logits (steps of 1/8 around 0) and labels that have every state, in an arbitrary fixed order. */
function batch(rows: number): { logits: number[][]; labels: number[][] } {
  const size = rows * classes;
  const cell = (i: number, j: number): number => ((i * classes + j) * 37 + 11) % size;
  const grid = (value: (n: number) => number): number[][] =>
    Array.from({ length: rows }, (_, i) => Array.from({ length: classes }, (_, j) => value(cell(i, j))));
  return { logits: grid((n) => (n - size / 2) / 8), labels: grid((n) => [1, 0, -1, -1, -1][n % 5]!) };
}

describe.each(testBackends)("partialLoss on %s, kernel %s", (backend, form) => {
  const both = Object.entries(policies).flatMap(([policyName, unannotated]) =>
    Object.entries(variants).map(
      ([name, options]) => [policyName, name, { ...options, unannotated }] as const,
    ),
  );

  test.each(both)("%s, %s: as the plain form", async (_policy, _variant, options) => {
    await useBackend(backend, form);
    const { logits, labels } = batch(5);
    const actual = valueAndGradient((x, y) => partialLoss(x, y, options), logits, labels);
    const expected = new Float32Array(5 * classes);
    const value = partialLossValues(
      { logits: Float32Array.from(logits.flat()), labels: labels.flat(), rows: 5, classes },
      {
        alpha: { positive: 1, negative: 1, unannotated: 1, ...options.alpha },
        gamma: { positive: 0, negative: 1, unannotated: 2, ...options.gamma },
        clip: options.clip ?? 0,
        reduction: options.reduction ?? "sum",
        focusGradient: options.focusGradient ?? false,
        policy: options.unannotated,
      },
      expected,
    );
    expectAllClose([actual.value], [value], { rtol: 2e-6 });
    expectAllClose(actual.gradient, expected, { rtol: 1e-5, atol: 1e-7 });
  });

  test("closed form: one entry of each state", async () => {
    await useBackend(backend, form);
    // At x = 0: p = 1/2, ℓ = log 2, so w = 1/2^γ; the gradient of the loss itself is ∓1/2.
    const { value, gradient } = valueAndGradient((x, y) => partialLoss(x, y), [[0, 0, 0]], [[1, 0, -1]]);
    expectAllClose([value], [Math.log(2) * (1 + 1 / 2 + 1 / 4)], { rtol: 1e-6 });
    expectAllClose(gradient, [-1 / 2, 1 / 4, 1 / 8], { rtol: 1e-6 });
  });

  test("reductions divide by 1, batch · classes, annotated entries", async () => {
    await useBackend(backend, form);
    const of = (reduction: NonNullable<LossOptions["reduction"]>, labels: number[][]) =>
      valueAndGradient((x, y) => partialLoss(x, y, { reduction }), [[1, -1, 2]], labels);
    const sum = of("sum", [[1, 0, -1]]);
    for (const [reduction, divisor] of [["mean", 3] as const, ["annotated-mean", 2] as const]) {
      const reduced = of(reduction, [[1, 0, -1]]);
      expectAllClose([reduced.value], [sum.value / divisor], { rtol: 1e-6 });
      expectAllClose(
        reduced.gradient,
        [...sum.gradient].map((g) => g / divisor),
        { rtol: 1e-6 },
      );
    }
    const nothing = [[-1, -1, -1]];
    expect(of("annotated-mean", nothing).value).toBe(of("sum", nothing).value);
  });

  test.each(Object.entries(policies))(
    "%s: finite at |x| = 1e4 and at odd batches",
    async (_name, unannotated) => {
      await useBackend(backend, form);
      const extreme = [1e4, -1e4, 90, -90, 17, -17, 0];
      const rows = [-1, 0, 1].map((label) => extreme.map(() => label));
      const mixed = [1, 0, -1, -1, 0, 1, -1];
      for (const options of Object.values(variants))
        for (const labels of [rows, [mixed], ...rows.map((row) => [row])]) {
          const logits = labels.map(() => extreme);
          const { value, gradient } = valueAndGradient(
            (x, y) => partialLoss(x, y, { ...options, unannotated }),
            logits,
            labels,
          );
          expect(Number.isFinite(value) && gradient.every(Number.isFinite)).toBe(true);
        }
    },
  );

  test("a sure mistake keeps its full size: no clamp", async () => {
    await useBackend(backend, form);
    const { value, gradient } = valueAndGradient((x, y) => partialLoss(x, y), [[-1e4, 1e4]], [[1, 0]]);
    expect(value).toBe(2e4); // ω = 1 and ℓ = |x| for both
    expectAllClose(gradient, [-1, 1]);
  });

  test("ties go to the smaller flat index", async () => {
    await useBackend(backend, form);
    const logits = [
      [1, 1, 1],
      [1, 1, 1],
    ];
    const zeros = (topKScope: "batch" | "sample") =>
      valueAndGradient(
        (x, y) => partialLoss(x, y, { unannotated: selective({ topK: 1, topKScope }) }),
        logits,
        [
          [0, -1, -1],
          [-1, -1, -1],
        ],
      ).gradient.map((g) => (g === 0 ? 0 : 1));
    expect([...zeros("batch")]).toEqual([1, 0, 0, 1, 1, 1]);
    expect([...zeros("sample")]).toEqual([1, 0, 1, 0, 1, 1]);
  });

  test("int32 and bool labels are accepted", async () => {
    await useBackend(backend, form);
    const logits = [[1, -1, 2]];
    const expected = valueAndGradient((x, y) => partialLoss(x, y), logits, [[1, 0, 0]]);
    for (const dtype of ["int32", "bool"] as const)
      expect(valueAndGradient((x, y) => partialLoss(x, tf.cast(y, dtype)), logits, [[1, 0, 0]])).toEqual(
        expected,
      );
  });

  test("the gradient follows what is done to the loss", async () => {
    await useBackend(backend, form);
    const { logits, labels } = batch(3);
    const once = valueAndGradient((x, y) => partialLoss(x, y), logits, labels);
    const thrice = valueAndGradient((x, y) => tf.mul(partialLoss(x, y), 3), logits, labels);
    expectAllClose(
      thrice.gradient,
      [...once.gradient].map((g) => 3 * g),
      { rtol: 1e-6 },
    );
  });

  test("labels outside {1, 0, -1} and logits that are not finite are named with their place", async () => {
    await useBackend(backend, form);
    const run = (logits: number[][], labels: number[][]) => valueAndGradient(partialLoss, logits, labels);
    const good = [[0, 1, -1]];
    for (const bad of [2, 0.5, -2, Number.NaN])
      expect(() =>
        run(
          [
            [0, 0, 0],
            [0, 0, 0],
          ],
          [...good, [0, 0, bad]],
        ),
      ).toThrow(
        `partialLoss: expected labels 1 (positive), 0 (negative) or -1 (un-annotated), got ${bad} at [1, 2]`,
      );
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(() => run([[0, bad, 0]], good)).toThrow(
        `partialLoss: expected finite logits, got ${bad} at [0, 1]`,
      );
    // An entry that the policy ignores would hide its NaN: still an error, not a silent 0.
    expect(() =>
      valueAndGradient((x, y) => partialLoss(x, y, { unannotated: ignore() }), [[Number.NaN, 0]], [[-1, 1]]),
    ).toThrow("expected finite logits, got NaN at [0, 0]");
  });

  test("nothing leaks, in the forward pass, in the gradient and when it throws", async () => {
    await useBackend(backend, form);
    const x = tf.tensor2d(batch(2).logits);
    const y = tf.tensor2d(batch(2).labels);
    const bad = tf.fill([2, classes], 3);
    const options = { unannotated: selective({ topK: 2, prior }) };
    await expectNoLeak(() => partialLoss(x, y, options), { allowed: 1 });
    await expectNoLeak(() => tf.grad((input) => partialLoss(input, y, options))(x), { allowed: 1 });
    await expectNoLeak(() => expect(() => partialLoss(x, bad)).toThrow("expected labels"));
  });
});

test("focusGradient is the derivative of the value (central differences, float64)", () => {
  const { logits, labels } = batch(3);
  const settings = {
    alpha: { positive: 2, negative: 1, unannotated: 0.5 },
    gamma: { positive: 1.5, negative: 2, unannotated: 4 },
    clip: 0.05,
    reduction: "mean" as const,
    focusGradient: true,
    policy: negative(),
  };
  const at = (x: number[], gradient = new Float32Array(x.length)) =>
    partialLossValues({ logits: x, labels: labels.flat(), rows: 3, classes }, settings, gradient);
  const x = logits.flat();
  const gradient = new Float32Array(x.length);
  at(x, gradient);
  const h = 1e-5;
  const differences = x.map((_, i) => {
    const moved = (step: number) => at(x.map((value, j) => (i === j ? value + step : value)));
    return (moved(h) - moved(-h)) / (2 * h);
  });
  expectAllClose(gradient, differences, { rtol: 1e-5, atol: 1e-8 });
});

describe("partialLoss refuses", () => {
  const x = () => tf.zeros([2, 3]);
  const options = (o: LossOptions) => () => partialLoss(x(), x(), o);
  test.each([
    [
      "another shape",
      () => partialLoss(x(), tf.zeros([2, 4])),
      "labels of the logits' shape [2,3], got float32 [2,4]",
    ],
    ["one dimension", () => partialLoss(tf.zeros([3]), tf.zeros([3])), "shape [batch, classes]"],
    ["an empty batch", () => partialLoss(tf.zeros([0, 3]), tf.zeros([0, 3])), "at least one entry"],
    [
      "int32 logits",
      () => partialLoss(tf.zeros([2, 3], "int32"), x()),
      "at least one entry, got int32 [2,3]",
    ],
    ["text labels", () => partialLoss(x(), tf.fill([2, 3], "a")), "got string [2,3]"],
    [
      "a prior that is too short",
      options({ unannotated: selective({ prior: [0.1, 0.2] }) }),
      "a prior for these 3 classes, got 2 values",
    ],
    [
      "a prior that is too long",
      options({ unannotated: selective({ prior: [0, 0, 0, 1] }) }),
      "a prior for these 3 classes, got 4 values",
    ],
    ["a clip of 1", options({ clip: 1 }), "clip in [0, 1), got 1"],
    ["a negative gamma", options({ gamma: { positive: -1 } }), "gamma.positive to be a number >= 0, got -1"],
    [
      "an alpha that is no number",
      options({ alpha: { negative: Number.NaN } }),
      "alpha.negative to be a number >= 0, got NaN",
    ],
    [
      "an unknown reduction",
      options({ reduction: "max" as "sum" }),
      'expected reduction sum or mean or annotated-mean, got "max"',
    ],
    [
      "a policy by name",
      options({ unannotated: "ignore" as never }),
      'expected unannotated to be a policy, got "ignore"',
    ],
  ])("%s", async (_name, run, message) => {
    await useBackend("cpu");
    expect(() => tf.tidy(run)).toThrow(message);
  });
});

describe.each(testBackends)("labels of other dtypes on %s, form %s", (backend, form) => {
  test.each(["bool", "int32"] as const)("%s counts as the numbers that it holds", async (dtype) => {
    await useBackend(backend, form);
    const logits = tf.tensor2d([0.5, -1, 3, 2, 0.1, -2], [2, 3]);
    const labels = [1, 0, 1, 0, 1, 0];
    const loss = (kind: "float32" | "bool" | "int32"): number =>
      tf.tidy(() => partialLoss(logits, tf.tensor2d(labels, [2, 3], kind)).dataSync()[0]!);
    expect(loss(dtype)).toBe(loss("float32"));
    logits.dispose();
  });
});
