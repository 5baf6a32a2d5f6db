import { registerKernels } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { expectSame, named, numbers, on } from "../../test/run-kernel.js";
import { compileTime, onDevice, onTorch, useTorch, withoutTorch } from "../../test/use-torch.js";

// Every named kernel of @csl/tresnet against its composed form on the cpu backend.

/** Channels that fill the vectors of the loops, leave a rest, and are fewer than one vector; rows beyond a block of sums. */
const shapes: [number, number, number, number][] = [
  [2, 6, 5, 32],
  [3, 4, 4, 21],
  [2, 3, 2, 3],
  [2, 20, 30, 48],
];

describe.skipIf(withoutTorch)(`fused kernels on ${onTorch}`, () => {
  beforeAll(async () => {
    await useTorch();
    registerKernels("cpu", { form: "composed" });
  }, compileTime);

  describe.each(shapes)("[%i,%i,%i,%i]", (...shape) => {
    const [batch, height, width, channels] = shape;
    const abn = () => ({
      x: tf.add(numbers(shape, 1), 3), // a common offset, as it would cancel in a careless variance
      weight: numbers([channels], 2),
      bias: numbers([channels], 3),
    });

    test.each([0.01, 1])("CslAbn with its gradient, slope %d", async (slope) => {
      const attrs = { epsilon: 1e-5, slope };
      const run = () => {
        const inputs = abn();
        const { weight, bias } = inputs;
        const [y, mean, variance] = named("CslAbn", inputs, attrs) as [tf.Tensor, tf.Tensor, tf.Tensor];
        const saved = { dy: numbers(shape, 4), y, weight, bias, variance };
        return [y, mean, variance, ...named("CslAbnGrad", saved, { ...attrs, frozen: false })];
      };
      expectSame(await on("torch", run), await on("cpu", run));
    });

    test("CslAbnInference with its gradient", async () => {
      const attrs = { epsilon: 1e-5, slope: 0.1 };
      const run = () => {
        const variance = tf.add(tf.abs(numbers([channels], 6)), 0.5);
        const inputs = { ...abn(), mean: numbers([channels], 5), variance };
        const [y] = named("CslAbnInference", inputs, attrs) as [tf.Tensor];
        const saved = { dy: numbers(shape, 4), y, weight: inputs.weight, bias: inputs.bias, variance };
        return [y, ...named("CslAbnGrad", saved, { ...attrs, frozen: true })];
      };
      expectSame(await on("torch", run), await on("cpu", run));
    });

    test("CslAddRelu, CslAddReluGrad, CslRunningUpdate", async () => {
      const run = () => {
        const [a, b] = [numbers(shape, 1), numbers(shape, 2)];
        const [y] = named("CslAddRelu", { a, b }) as [tf.Tensor];
        const update = named("CslRunningUpdate", [a, y, b, a], { keep: 0.9, add: [0.125, 0.5] });
        return [y, ...named("CslAddReluGrad", { dy: b, y }), ...update];
      };
      expectSame(await on("torch", run), await on("cpu", run));
    });

    test("CslSqueezeExcite with its gradient", async () => {
      const run = () => {
        const x = numbers(shape, 1);
        const [w1, w2] = [numbers([1, 1, channels, 5], 2), numbers([1, 1, 5, channels], 3)];
        const [b1, b2] = [numbers([5], 4), numbers([channels], 5)];
        const [y, pooled, hidden, gate] = named("CslSqueezeExcite", { x, w1, b1, w2, b2 }) as tf.Tensor[];
        const saved = { dy: numbers([batch, height, width, channels], 6), x, w1, w2 };
        const kept = { pooled: pooled!, hidden: hidden!, gate: gate! };
        return [y!, pooled!, ...named("CslSqueezeExciteGrad", { ...saved, ...kept })];
      };
      expectSame(await on("torch", run), await on("cpu", run));
    });
  });

  test.each([
    [4, 4],
    [5, 4],
    [3, 7],
    [2, 2],
    [9, 6],
  ])("pools of %i x %i with their gradients", async (height, width) => {
    const inputShape = [2, height, width, 19];
    const halved = [2, Math.ceil(height / 2), Math.ceil(width / 2), 19];
    const run = () =>
      ["CslBlurPool", "CslCeilAvgPool"].flatMap((name) => [
        ...named(name, { x: numbers(inputShape, 1) }, { inputShape }),
        ...named(`${name}Grad`, { dy: numbers(halved, 2) }, { inputShape }),
      ]);
    expectSame(await on("torch", run), await on("cpu", run));
  });

  test("a variance of nothing is 0, a NaN stays one", async () => {
    const attrs = { epsilon: 1e-5, slope: 0.01 };
    const [weight, bias] = [[1], [0]];
    const run = (values: number[]) => () =>
      named(
        "CslAbn",
        { x: tf.tensor4d(values, [1, 1, 2, 1]), weight: tf.tensor(weight), bias: tf.tensor(bias) },
        attrs,
      );
    const [y, , variance] = await on("torch", run([7, 7]));
    const all = [...y!, ...variance!];
    // On a device libtorch's own norm computes it, which rounds twice: 7 · 316 − 2213.
    if (onDevice) for (const value of all) expect(value).toBeCloseTo(0, 3);
    else expect(all).toEqual([0, 0, 0]);
    const [broken] = await on("torch", run([Number.NaN, 1]));
    expect(broken!.every(Number.isNaN)).toBe(true);
    const [sum] = await on("torch", () =>
      named("CslAddRelu", { a: tf.tensor1d([Number.NaN]), b: tf.tensor1d([1]) }),
    );
    expect(sum![0]).toBeNaN();
  });
});
