import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uniform } from "../../test/agreement-data.js";
import { filterGradientSums } from "../../test/direct-convolution.js";
import { halved, named, on } from "../../test/run-kernel.js";
import { compileTime, multipliesHalves, onTorch, useTorch, withoutReduced } from "../../test/use-torch.js";
import type { TorchBackend } from "../torch-backend.js";

/** In- and out-channels: the least, both kinds of the larger side, and what does not fit. */
const channels = [
  [16, 32],
  [32, 32],
  [48, 32],
  [16, 96],
  [112, 64],
  [48, 160],
  [24, 32],
  [32, 48],
  [8, 8],
] as const;

/** Pixels go in blocks of 256, two at a time. */
const images = [
  [1, 1, 1],
  [3, 1, 1],
  [1, 15, 17],
  [1, 16, 16],
  [1, 257, 1],
  [3, 19, 9],
] as const;

describe.skipIf(withoutReduced)(`the filter gradient of 1 x 1 convolutions in bf16 on ${onTorch}`, () => {
  let backend: TorchBackend;
  beforeAll(async () => {
    backend = await useTorch({ precision: "bf16" });
  }, compileTime);
  afterAll(() => backend?.binding.setThreads(1));

  const shapes = channels.flatMap((pair) => images.map((sides) => [...pair, ...sides] as const));
  test.each(shapes.map((shape, i) => [...shape, [1, 2, 7][i % 3]!] as const))(
    "%d to %d channels over %d x %d x %d pixels, %d threads",
    async (inputs, outputs, batch, height, width, threads) => {
      backend.binding.setThreads(threads);
      const [xShape, dyShape] = [
        [batch, height, width, inputs],
        [batch, height, width, outputs],
      ];
      const [x, dy] = [xShape, dyShape].map((shape, i) =>
        halved(uniform(`pointwise${i}`, tf.util.sizeFromShape(shape))),
      ) as [Float32Array, Float32Array];
      const { values, sizes } = filterGradientSums(x, xShape, dy, { side: 1 });
      const attrs = { strides: 1, pad: "valid", dataFormat: "NHWC", dilations: 1 };
      const [dw] = await on("torch", () => {
        const tensors = { x: tf.tensor(x, xShape), dy: tf.tensor(dy, dyShape) };
        return named("Conv2DBackpropFilter", tensors, { ...attrs, filterShape: [1, 1, inputs, outputs] });
      });
      expect(dw!.length).toBe(values.length);
      // Products of bfloat16 are exact in float32, and a sum of 513 of them errs by far fewer of its roundings than 513, which
      // are at random. oneDNN's sums are rounded to bfloat16, those of the few that are too small for it at each step.
      const own = multipliesHalves && inputs % 16 === 0 && outputs % 32 === 0;
      const unit = own ? 24 * 2 ** -24 : 3 * 2 ** -8;
      expect(
        Math.max(...values.map((value, i) => Math.abs(dw![i]! - value) / (unit * sizes[i]!))),
      ).toBeLessThan(1);
    },
  );
});
