import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { expectSame, named, numbers, on } from "../../test/run-kernel.js";
import { compileTime, onTorch, useTorch, withoutTorch } from "../../test/use-torch.js";
import type { TorchBackend } from "../torch-backend.js";

/** Channels that are and are not multiples of the filter gradient's tile (8 in, 32 out). */
const channelPairs = [
  [8, 32],
  [16, 64],
  [5, 7],
] as const;

describe.skipIf(withoutTorch)(`fused convolutions on ${onTorch}`, () => {
  let backend: TorchBackend;
  beforeAll(async () => {
    backend = await useTorch();
  }, compileTime);

  describe.each(channelPairs)("%i to %i channels", (inputs, outputs) => {
    test.each([
      { filter: [3, 3], strides: 1, pad: "same" },
      { filter: [1, 1], strides: 1, pad: "valid" },
      { filter: [3, 2], strides: 1, pad: "valid" },
      { filter: [3, 3], strides: 2, pad: 1 },
      { filter: [5, 3], strides: [1, 2], pad: 2 },
      { filter: [3, 3], strides: 2, pad: "same" }, // one-sided: the general kernel's
    ])("%j forward and both gradients", async ({ filter, ...rest }) => {
      const attrs = { dataFormat: "NHWC", dilations: 1, ...rest };
      const [x, w] = [
        [2, 8, 8, inputs],
        [...filter, inputs, outputs],
      ];
      const run = () => {
        const [image, weights] = [numbers(x, 1), numbers(w, 2)];
        const [y] = named("Conv2D", { x: image, filter: weights }, attrs) as [tf.Tensor];
        const dy = numbers(y.shape, 3);
        return [
          y,
          ...named("Conv2DBackpropInput", { dy, filter: weights }, { ...attrs, inputShape: x }),
          ...named("Conv2DBackpropFilter", { x: image, dy }, { ...attrs, filterShape: w }),
        ];
      };
      expectSame(await on("torch", run), await on("cpu", run));
    });
  });

  // Enough tiles for Winograd's way, which an image alone does not have: so the two ways are held against each other.
  describe.each([
    [48, 64],
    [128, 256],
  ])("many images at once, %i to %i channels", (inputs, outputs) => {
    test.each([
      { side: 7, pad: "same" },
      { side: 13, pad: "valid" },
    ] as const)("%j: forward, with bias and activation, and both gradients", async ({ side, pad }) => {
      const [images, shape] = [8, [8, side, side - 1, inputs]];
      const attrs = { strides: 1, pad, dataFormat: "NHWC", dilations: 1 };
      const filterShape = [3, 3, inputs, outputs];
      const run = (x: tf.Tensor, dySeed: (shape: number[]) => tf.Tensor): tf.Tensor[] => {
        const filter = numbers(filterShape, 2);
        const fused = { ...attrs, activation: "leakyrelu", leakyreluAlpha: 0.1 };
        const [y] = named("FusedConv2D", { x, filter, bias: numbers([outputs], 4) }, fused) as [tf.Tensor];
        const dy = dySeed(y.shape);
        const [dx] = named("Conv2DBackpropInput", { dy, filter }, { ...attrs, inputShape: x.shape });
        const [dw] = named("Conv2DBackpropFilter", { x, dy }, { ...attrs, filterShape });
        return [y, dx!, dw!];
      };
      const [together, alone] = await Promise.all([
        on("torch", () => run(numbers(shape, 1), (of) => numbers(of, 3))),
        on("torch", () => {
          const all = numbers(shape, 1);
          const parts = Array.from({ length: images }, (_, i) =>
            run(tf.slice(all, i, 1), ([, ...rest]) => tf.slice(numbers([images, ...rest], 3), i, 1)),
          );
          const column = (k: number): tf.Tensor[] => parts.map((part) => part[k]!);
          return [tf.concat(column(0)), tf.concat(column(1)), tf.addN(column(2))];
        }),
      ]);
      // Values reach 50 here; both ways are float32 sums of up to 2,304 products.
      expectSame(together, alone, { atol: 5e-4, rtol: 1e-4 });
    });
  });

  test.each(["linear", "relu", "leakyrelu", "sigmoid"] as const)("with bias and %s", async (activation) => {
    const run = () => [
      tf.fused.conv2d({
        x: numbers([2, 7, 6, 8], 1) as tf.Tensor4D,
        filter: numbers([3, 3, 8, 32], 2) as tf.Tensor4D,
        bias: numbers([32], 3),
        strides: 1,
        pad: "same",
        activation,
        leakyreluAlpha: 0.1,
      }),
    ];
    expectSame(await on("torch", run), await on("cpu", run));
  });

  test("dilated, forward (the cpu backend's gradients know no dilation)", async () => {
    const run = () => [
      tf.conv2d(
        numbers([1, 9, 9, 8], 1) as tf.Tensor4D,
        numbers([3, 3, 8, 32], 2) as tf.Tensor4D,
        1,
        "same",
        "NHWC",
        2,
      ),
    ];
    expectSame(await on("torch", run), await on("cpu", run));
  });

  test("a filter used again, at another size, and replaced", async () => {
    const run = () => {
      const filter = numbers([3, 3, 8, 32], 2) as tf.Tensor4D;
      const at = (side: number): tf.Tensor =>
        tf.conv2d(numbers([1, side, side, 8], 1) as tf.Tensor4D, filter, 1, "same");
      const variable = tf.variable(filter) as tf.Variable<tf.Rank.R4>;
      const first = tf.conv2d(numbers([1, 6, 6, 8], 1) as tf.Tensor4D, variable, 1, "same");
      variable.assign(tf.mul(filter, 2));
      const second = tf.conv2d(numbers([1, 6, 6, 8], 1) as tf.Tensor4D, variable, 1, "same");
      variable.dispose();
      return [at(6), at(6), at(6), at(9), at(6), first, second];
    };
    expectSame(await on("torch", run), await on("cpu", run));
  });

  test("a filter used again with another stride, padding and dilation", async () => {
    const run = () => {
      const filter = numbers([3, 3, 8, 32], 2) as tf.Tensor4D;
      const x = numbers([1, 9, 9, 8], 1) as tf.Tensor4D;
      const ways = [
        { strides: 1, pad: 1, dilations: 1 },
        { strides: 1, pad: 1, dilations: 1 },
        { strides: 2, pad: 1, dilations: 1 },
        { strides: 1, pad: 0, dilations: 1 },
        { strides: 1, pad: 0, dilations: 2 },
      ];
      return ways.map(({ strides, pad, dilations }) => tf.conv2d(x, filter, strides, pad, "NHWC", dilations));
    };
    expectSame(await on("torch", run), await on("cpu", run));
  });

  test("what was prepared of replaced filters is given back", () => {
    // A megabyte each, so that hostMemory() counts it; each is used twice, as only then its prepared form is kept.
    const x = numbers([1, 1, 1, 512], 1) as tf.Tensor4D;
    const filter = tf.variable(tf.zeros<tf.Rank.R4>([1, 1, 512, 512]));
    const before = backend.binding.hostMemory()?.allocated ?? 0;
    let most = 0;
    for (let update = 0; update < 300; update++) {
      tf.tidy(() => {
        filter.assign(tf.fill([1, 1, 512, 512], update));
        for (let use = 0; use < 2; use++) tf.conv2d(x, filter, 1, "same");
      });
      most = Math.max(most, backend.binding.hostMemory()?.allocated ?? 0);
    }
    tf.dispose([x, filter]);
    // Filters of the tests above live on in no one; 2 x 32 MB is what may wait to be looked through.
    expect(most - before).toBeLessThan(100 << 20);
  });

  test("an image smaller than the filter has an empty result and no gradient to add", async () => {
    const attrs = { strides: 1, pad: "valid", dataFormat: "NHWC", dilations: 1, filterShape: [3, 3, 32, 32] };
    const [dw] = await on("torch", () =>
      named("Conv2DBackpropFilter", { x: numbers([1, 2, 2, 32], 1), dy: tf.zeros([1, 0, 0, 32]) }, attrs),
    );
    expect(dw!.every((value) => value === 0)).toBe(true);
  });

  test("a gradient of another size than the result is refused, not read past its end", async () => {
    const attrs = { strides: 1, pad: "same", dataFormat: "NHWC", dilations: 1, filterShape: [3, 3, 32, 32] };
    await useTorch();
    const [x, dy] = [numbers([8, 16, 16, 32], 1), numbers([8, 4, 4, 32], 2)];
    expect(() => named("Conv2DBackpropFilter", { x, dy }, attrs)).toThrow(/^torch: /);
    tf.dispose([x, dy]);
  });

  test("an empty batch has no gradient to add", async () => {
    const filterShape = [3, 3, 8, 32];
    const attrs = { strides: 1, pad: "same", dataFormat: "NHWC", dilations: 1, filterShape };
    const [dw] = await on("torch", () =>
      named("Conv2DBackpropFilter", { x: tf.zeros([0, 4, 4, 8]), dy: tf.zeros([0, 4, 4, 32]) }, attrs),
    );
    expect(dw!.every((value) => value === 0)).toBe(true);
  });
});
