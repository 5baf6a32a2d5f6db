import { expectAllClose } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { compileTime, onDevice, onTorch, useTorch, valuesOn, withoutTorch } from "../test/use-torch.js";
import { forwardedKernels } from "./register-kernels.js";

// The suite of TensorFlow.js core (conformance/) is the real test. Here: what it leaves open, by the cpu backend's word.

/** Numbers without order or symmetry. */
function numbers(shape: number[], seed = 1): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin((i + 1) * 12.9898 * seed) * 2),
    shape,
  );
}

const image = (): tf.Tensor4D => numbers([2, 9, 8, 4]) as tf.Tensor4D;
const gradientOf = (f: (x: tf.Tensor4D) => tf.Tensor) => () =>
  tf.grad((x: tf.Tensor) => tf.sum(tf.square(f(x as tf.Tensor4D))))(image());

const convolutions = (["same", "valid", 1] as const).flatMap((pad) =>
  [1, 2, 3].map((stride) => ({ pad, stride })),
);

const cases: Record<string, () => tf.Tensor | tf.Tensor[]> = {
  ...Object.fromEntries(
    convolutions.flatMap(({ pad, stride }) => {
      const filter = (): tf.Tensor4D => numbers([3, 2, 4, 5], 3) as tf.Tensor4D;
      const depthFilter = (): tf.Tensor4D => numbers([3, 2, 4, 2], 3) as tf.Tensor4D;
      const conv = (x: tf.Tensor4D, w: tf.Tensor4D) => tf.conv2d(x, w, stride, pad);
      const depthwise = (x: tf.Tensor4D, w: tf.Tensor4D) => tf.depthwiseConv2d(x, w, stride, pad);
      const both = (f: typeof conv, w: () => tf.Tensor4D) => () =>
        tf.grads((x: tf.Tensor, y: tf.Tensor) => tf.sum(tf.square(f(x as tf.Tensor4D, y as tf.Tensor4D))))([
          image(),
          w(),
        ]);
      return [
        [`conv2d, pad ${pad}, stride ${stride}, with gradients`, both(conv, filter)],
        [`depthwise, pad ${pad}, stride ${stride}, with gradients`, both(depthwise, depthFilter)],
        [`maxPool, pad ${pad}, stride ${stride}, gradient`, gradientOf((x) => tf.maxPool(x, 3, stride, pad))],
        [`avgPool, pad ${pad}, stride ${stride}`, () => tf.avgPool(image(), 3, stride, pad)],
      ];
    }),
  ),
  "conv2d that rounds sizes up": () =>
    tf.conv2d(image(), numbers([3, 3, 4, 2], 3) as tf.Tensor4D, 3, 1, "NHWC", 1, "ceil"),
  "maxPool that rounds sizes up": () => tf.maxPool(image(), 2, 3, 0, "ceil"),
  resizeBilinear: () => tf.image.resizeBilinear(image(), [5, 13]),
  "resizeBilinear, corners aligned": () => tf.image.resizeBilinear(image(), [5, 13], true),
  "resizeBilinear, half-pixel centres": () => tf.image.resizeBilinear(image(), [5, 13], false, true),
  "cropAndResize with a box of no image and boxes beyond the border": () =>
    tf.image.cropAndResize(
      image(),
      tf.tensor2d([0, 0, 1, 1, 0.2, 0.7, 0.9, 0.1, -0.5, 0.2, 1.5, 0.8, 0, 0, 1, 1], [4, 4]),
      tf.tensor1d([0, 1, 1, 2], "int32"),
      [4, 3],
      "bilinear",
      7,
    ),
  "mirrorPad, reflect": () =>
    tf.mirrorPad(
      image(),
      [
        [0, 0],
        [2, 1],
        [1, 3],
        [0, 0],
      ],
      "reflect",
    ),
  "mirrorPad, symmetric": () =>
    tf.mirrorPad(
      image(),
      [
        [1, 0],
        [2, 1],
        [1, 3],
        [0, 2],
      ],
      "symmetric",
    ),
  "gather within batches": () =>
    tf.gather(numbers([2, 5, 3]), tf.tensor2d([4, 0, 1, 1, 1, 3], [2, 3], "int32"), 1, 1),
  "gather, gradient": () =>
    tf.grad((x: tf.Tensor) => tf.sum(tf.square(tf.gather(x, tf.tensor1d([2, 0, 2], "int32"), 1))))(
      numbers([3, 4, 2]),
    ),
  "stridedSlice backwards": () => tf.stridedSlice(numbers([6, 5]), [5, 4], [0, 0], [-2, -1]),
  "whole numbers: pow, mod, floorDiv with zeros and negatives": () => {
    const a = tf.tensor1d([7, -7, 7, -7, 3, 2], "int32");
    const b = tf.tensor1d([3, 3, -3, -3, 0, -1], "int32");
    return [tf.mod(a, tf.tensor1d([3, 3, -3, -3, 5, 7], "int32")), tf.pow(a, tf.abs(b)), tf.floorDiv(a, b)];
  },
  "cumprod, exclusive and backwards, through a zero": () =>
    tf.cumprod(tf.tensor1d([2, 0, 3, 4]), 0, true, true),
  "fused batch norm": () =>
    tf.batchNorm(image(), numbers([4]) as tf.Tensor1D, tf.abs(numbers([4], 2)) as tf.Tensor1D),
};

/** Linear maps whose gradients the cpu backend gets wrong (it divides by the whole window, swaps sides, drops centres). */
const linear: Record<string, (x: tf.Tensor4D) => tf.Tensor> = {
  ...Object.fromEntries(
    convolutions.map(({ pad, stride }) => [
      `avgPool, pad ${pad}, stride ${stride}`,
      (x: tf.Tensor4D) => tf.avgPool(x, 3, stride, pad),
    ]),
  ),
  "avgPool that rounds sizes up": (x) => tf.avgPool(x, 3, 2, 0, "ceil"),
  ...Object.fromEntries(
    [
      [false, false],
      [true, false],
      [false, true],
    ].flatMap(([corners, centres]) => [
      [
        `resizeBilinear, corners ${corners}, centres ${centres}`,
        (x: tf.Tensor4D) => tf.image.resizeBilinear(x, [13, 5], corners, centres),
      ],
      [
        `resizeNearestNeighbor, corners ${corners}, centres ${centres}`,
        (x: tf.Tensor4D) => tf.image.resizeNearestNeighbor(x, [13, 5], corners, centres),
      ],
    ]),
  ),
};

describe.skipIf(withoutTorch)(`kernels on ${onTorch}`, () => {
  beforeAll(async () => {
    await useTorch();
  }, compileTime);

  test.each(Object.keys(cases))("%s", async (name) => {
    const expected = await valuesOn("cpu", cases[name]!);
    // float32, sums of some hundred products in another order
    expectAllClose(await valuesOn("torch", cases[name]!), expected, { atol: 2e-4, rtol: 1e-4 });
  });

  test.each(Object.keys(linear))("%s: the gradient is the adjoint, <A x, y> = <x, Aᵀ y>", async (name) => {
    const [[forward], [backward]] = (await valuesOn("torch", () => {
      const x = image();
      const map = (input: tf.Tensor): tf.Tensor => linear[name]!(input as tf.Tensor4D);
      const y = numbers(map(x).shape, 7);
      return [tf.sum(tf.mul(map(x), y)), tf.sum(tf.mul(x, tf.grad(map)(x, y)))];
    })) as [[number], [number]];
    expectAllClose([backward], [forward], { atol: 1e-4, rtol: 1e-4 });
  });

  // In a row, 2048 additions in float32 give about sqrt(2048 / 3) / 2 units of 2^-24, 8e-7 (engine's product-kernels.test.ts
  // derives it); in eight blocks of 256 it is 1e-7 and less. A device has products of its own, which may add in a row.
  const exactTo = onDevice ? 1.6e-6 : 3e-7;
  test.each([
    { a: [5, 2048], b: [2048, 8] },
    { a: [2048, 5], b: [2048, 8], transposeA: true },
    { a: [5, 2432], b: [8, 2432], transposeB: true },
  ])(
    `a long sum is exact to ${exactTo}: matMul $a $b`,
    async ({ a, b, transposeA = false, transposeB = false }) => {
      const [found, left, right] = (await valuesOn("torch", () => {
        const [x, y] = [a, b].map((shape, seed) => tf.randomUniform(shape, 0, 1, "float32", seed + 1));
        return [
          tf.matMul(x!, y!, transposeA, transposeB),
          transposeA ? tf.transpose(x!) : x!,
          transposeB ? y! : tf.transpose(y!),
        ];
      })) as [number[], number[], number[]];
      const n = left.length / 5;
      const errors = found.map((value, i) => {
        const [row, column] = [Math.floor(i / 8) * n, (i % 8) * n];
        let sum = 0;
        for (let k = 0; k < n; k++) sum += left[row + k]! * right[column + k]!;
        return value / sum - 1;
      });
      expect(Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)).toBeLessThan(
        exactTo,
      );
    },
  );

  test("topk: equal values in order of their places, -0 equal to 0, negatives, infinities", async () => {
    const row = [0, -0, -1, Infinity, 5, 5, -Infinity, -1, 0];
    const [values, places] = await valuesOn("torch", () => {
      const top = tf.topk(tf.tensor2d([row, row]), 8);
      return [top.values, top.indices];
    });
    const expected = [3, 4, 5, 0, 1, 8, 2, 7];
    expect(places).toEqual([...expected, ...expected]);
    expect(values!.slice(0, 8).map((value) => value + 0)).toEqual(expected.map((place) => row[place]! + 0));
  });

  test("strings and complex numbers go to the cpu backend and come back", async () => {
    await tf.setBackend("torch");
    tf.tidy(() => {
      const { values } = tf.string.stringSplit(["a b", "c"], " ") as { values: tf.Tensor };
      expect(values.dataSync()).toEqual(["a", "b", "c"]);
      const z = tf.complex([1, 2], [3, -1]);
      // (1 + 3i)² = -8 + 6i, (2 - i)² = 3 - 4i
      expect([...tf.mul(z, z).dataSync()]).toEqual([-8, 6, 3, -4]);
    });
    expect(forwardedKernels()).toContain("StringSplit");
    expect(forwardedKernels()).not.toContain("Conv2D");
  });
});
