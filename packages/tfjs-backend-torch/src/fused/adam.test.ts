import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { expectSame, named, numbers, on } from "../../test/run-kernel.js";
import { compileTime, onDevice, onTorch, useTorch, withoutTorch } from "../../test/use-torch.js";

const sizes = [7, 5000];
const step = {
  lr: 0.01,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  correction1: 0.19,
  correction2: 0.0199,
  emaDecay: 0.97,
};
const weightDecay = [0.1, 0];

const lists = (): tf.Tensor[][] =>
  [1, 2, 3, 4, 5].map((seed) => sizes.map((size) => tf.abs(numbers([size], seed))));

describe.skipIf(withoutTorch)(`Adam on ${onTorch}`, () => {
  beforeAll(async () => {
    await useTorch();
  }, compileTime);

  test.each([
    { decoupled: false, averaged: true },
    { decoupled: true, averaged: false },
  ])("CslAdam %j", async ({ decoupled, averaged }) => {
    // The formula of torch.optim.Adam and AdamW in ops, one parameter after the other.
    const expected = await on("cpu", () => {
      const [values, gradients, moments1, moments2, averages] = lists();
      const slots = sizes.map((_, i) => {
        const old = values![i]!;
        const g = decoupled ? gradients![i]! : tf.add(gradients![i]!, tf.mul(old, weightDecay[i]!));
        const m = tf.add(tf.mul(moments1![i]!, step.beta1), tf.mul(g, 1 - step.beta1));
        const v = tf.add(tf.mul(moments2![i]!, step.beta2), tf.mul(tf.square(g), 1 - step.beta2));
        const root = tf.add(tf.sqrt(tf.div(v, step.correction2)), step.epsilon);
        const kept = decoupled ? tf.mul(old, 1 - step.lr * weightDecay[i]!) : old;
        const x = tf.sub(kept, tf.div(tf.mul(m, step.lr / step.correction1), root));
        const moved = tf.add(tf.mul(averages![i]!, step.emaDecay), tf.mul(x, 1 - step.emaDecay));
        return averaged ? [x, m, v, moved] : [x, m, v];
      });
      return slots[0]!.flatMap((_, column) => slots.map((slot) => slot[column]!));
    });
    const attrs = { ...step, decoupled, averaged, count: sizes.length, weightDecay };
    const actual = await on("torch", () =>
      named(
        "CslAdam",
        lists()
          .slice(0, averaged ? 5 : 4)
          .flat(),
        attrs,
      ),
    );
    expectSame(actual, expected, { atol: 1e-6, rtol: 1e-5 });
  });

  test.runIf(onDevice).each([{ decoupled: false }, { decoupled: true }])(
    "a guarded step takes its numbers from a tensor, and no step where the guard is not finite; %j",
    async ({ decoupled }) => {
      const { beta2, epsilon, lr, beta1, correction1, emaDecay } = step;
      const fixed = { decoupled, averaged: true, count: sizes.length, weightDecay };
      const row = [lr / correction1, beta1 / (1 - beta1), 1 - beta1, 2, lr, emaDecay];
      const guarded = { ...fixed, beta2, epsilon, guarded: true, row: 1 };
      const take = (guard: number): tf.Tensor[] => {
        const numbers = tf.tensor1d([...row.map(() => Number.NaN), ...row]);
        return named("CslAdam", [...lists().flat(), tf.tensor1d([1, guard]), numbers], guarded);
      };
      const expected = await on("torch", () => named("CslAdam", lists().flat(), { ...step, ...fixed }));
      expectSame(await on("torch", () => take(2)), expected, { atol: 0, rtol: 0 });
      for (const guard of [Number.NaN, 1e20]) {
        const values = (await on("torch", () => take(guard))).slice(0, sizes.length);
        expect(values).toEqual(await on("torch", () => lists()[0]!));
      }
    },
  );

  test("a variable of its own gives its memory to its successor; what others hold stays", async () => {
    const attrs = { ...step, decoupled: false, averaged: false, count: sizes.length, weightDecay };
    const expected = await on("torch", () => named("CslAdam", lists().slice(0, 4).flat(), attrs));
    const actual = await on("torch", () => {
      const tensors = lists()
        .slice(0, 4)
        .flat()
        .map((tensor) => tf.variable(tf.mul(tensor, 1)));
      // Seen a second time: as the same tensor, as a part of it.
      const held = [tf.clone(tensors[4]!), tf.slice(tensors[1]!, 0, 5000), tf.slice(tensors[5]!, 100, 50)];
      const before = held.map((tensor) => tf.mul(tensor, 1));
      const results = named("CslAdam", tensors, attrs);
      held[0]!.dispose();
      const again = named("CslAdam", tensors, attrs);
      const differences = held.slice(1).map((tensor, i) => tf.sub(tensor, before[i + 1]!));
      const copies = [...results, ...again, ...differences].map((tensor) => tf.mul(tensor, 1));
      for (const tensor of tensors) tensor.dispose();
      tf.dispose(again);
      return copies;
    });
    expectSame(actual.slice(0, 12), [...expected, ...expected], { atol: 0, rtol: 0 });
    for (const difference of actual.slice(12)) expect(difference.every((value) => value === 0)).toBe(true);
  });

  test("a clone and a read under way keep the old values, whatever is assigned", async () => {
    await useTorch();
    const attrs = { ...step, decoupled: false, averaged: false, count: sizes.length, weightDecay };
    const before = await on("torch", () => lists().slice(0, 4).flat());
    await useTorch();
    const variables = tf.tidy(() =>
      lists()
        .slice(0, 4)
        .flat()
        .map((tensor) => tf.variable(tensor)),
    );
    const update = (): void => {
      const results = named("CslAdam", variables, attrs);
      for (const [i, result] of results.entries()) variables[i < 2 ? i : i + 2]!.assign(result);
      tf.dispose(results);
    };
    const clones = [0, 1, 4, 7].map((i) => tf.clone(variables[i]!));
    update();
    for (const [k, i] of [0, 1, 4, 7].entries()) expect(clones[k]!.dataSync()).toEqual(before[i]);
    tf.dispose(clones);
    update();
    const now = variables[1]!.dataSync().slice();
    const reading = variables[1]!.data();
    update();
    expect(await reading).toEqual(now);
    expect(variables[1]!.dataSync()).not.toEqual(now);
    tf.dispose(variables);
  });

  test("a list that does not fit is refused before any parameter changes", async () => {
    await useTorch();
    const attrs = { ...step, decoupled: false, averaged: false, count: sizes.length, weightDecay };
    const variables = tf.tidy(() =>
      lists()
        .slice(0, 4)
        .flat()
        .map((tensor, i) => tf.variable(i === 3 ? tf.slice(tensor, 0, 10) : tf.mul(tensor, 1))),
    );
    const before = variables.map((variable) => variable.dataSync().slice());
    expect(() => named("CslAdam", variables, attrs)).toThrow(/torch: adam\w*: tensor 3 has 10 values/);
    expect(variables.map((variable) => variable.dataSync())).toEqual(before);
    tf.dispose(variables);
  });

  test("CslAverage, and nothing is changed in place", async () => {
    const run = () => {
      const [values, averages] = lists();
      const before = averages!.map((tensor) => tf.add(tensor, 0));
      const moved = named("CslAverage", [...values!, ...averages!], { count: 2, decay: 0.75 });
      return [...moved, ...before.map((tensor, i) => tf.sub(tensor, averages![i]!))];
    };
    const [small, , unchanged] = await on("torch", run);
    const [value, average] = [Math.abs(Math.sin(13.9898 * 1.37)), Math.abs(Math.sin(14.9898 * 1.37))];
    expect(small![0]).toBeCloseTo(0.25 * value + 0.75 * average, 5);
    expect(unchanged!.every((difference) => difference === 0)).toBe(true);
  });

  test("CslNorm is the root of all squares, and not finite where one of them is not", async () => {
    const norms = await on("torch", () =>
      [
        [4, 12],
        [Number.NaN, 0],
        [1e20, 0],
        [0, Number.NEGATIVE_INFINITY],
      ].flatMap((values) => named("CslNorm", [tf.tensor2d([[3], [0]]), tf.tensor1d(values)], {})),
    );
    // √(3² + 4² + 12²) = 13; 1e40 is beyond float32
    expect(norms.map(([value]) => value)).toEqual([
      13,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  });
});
