import { partialLoss } from "@csl/partial-loss";
import { createTResNet, registerKernels, type TResNetShape } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { halved, numbers } from "../../test/run-kernel.js";
import { compileTime, onTorch, withoutReduced } from "../../test/use-torch.js";
import { choosePrecision } from "../precision.js";
import { startTorch } from "../start-torch.js";
import type { TorchBackend } from "../torch-backend.js";

const shape: TResNetShape = {
  layers: [1, 1, 1, 1],
  width: 0.5,
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
};

describe.skipIf(withoutReduced)(`bf16 on ${onTorch}`, () => {
  beforeAll(async () => {
    expect((await startTorch({ threads: 1, precision: "bf16" })).precision).toBe("bf16");
    await tf.setBackend("torch");
  }, compileTime);

  test("says so: floatPrecision is 16, and activations lie in bfloat16 under dtype float32", () => {
    const backend = tf.backend() as unknown as TorchBackend;
    expect(backend.floatPrecision()).toBe(16);
    tf.tidy(() => {
      const y = tf.conv2d(
        numbers([1, 4, 4, 8], 1) as tf.Tensor4D,
        numbers([3, 3, 8, 32], 2) as tf.Tensor4D,
        1,
        "same",
      );
      expect([y.dtype, backend.numericOf(y).reduced]).toEqual(["float32", true]);
      // Every other kernel computes in float32.
      expect(backend.numericOf(tf.exp(y)).reduced).toBe(false);
    });
  });

  /** An activation: what a convolution puts out, here with the filter that leaves everything as it is. */
  const activation = (values: tf.Tensor): tf.Tensor => {
    const channels = values.shape.at(-1)!;
    return tf.conv2d(
      values as tf.Tensor4D,
      tf.reshape(tf.eye(channels), [1, 1, channels, channels]) as tf.Tensor4D,
      1,
      "same",
    );
  };
  const isReduced = (tensor: tf.Tensor): boolean =>
    (tf.backend() as unknown as TorchBackend).numericOf(tensor).reduced ?? false;
  const values = (tensor: tf.Tensor): Float32Array => tensor.dataSync<"float32">();

  test.each([
    ["the same shape", [2, 5, 3, 8], [2, 5, 3, 8]],
    ["a channel each", [2, 5, 3, 8], [1, 1, 1, 8]],
    ["both ways", [2, 5, 1, 8], [2, 1, 3, 8]],
  ])("Add of two activations is one: the float32 sum rounded to bfloat16; %s", (_, left, right) => {
    tf.tidy(() => {
      const [a, b] = [activation(numbers(left, 1)), activation(numbers(right, 2))];
      const sum = tf.add(a, b);
      expect([sum.dtype, isReduced(sum), sum.shape]).toEqual(["float32", true, [2, 5, 3, 8]]);
      const [x, y] = [a, b].map((tensor) =>
        values(tf.broadcastTo(tf.tensor(values(tensor), tensor.shape), sum.shape)),
      );
      expect(values(sum)).toEqual(halved(x!.map((value, i) => value + y![i]!)));
      expect(values(tf.add(a, a))).toEqual(values(a).map((value) => 2 * value));
    });
  });

  test("Add of an activation and anything else is float32, and not rounded", () => {
    tf.tidy(() => {
      const a = activation(numbers([2, 5, 3, 8], 1));
      const b = numbers([2, 5, 3, 8], 2);
      const whole = tf.cast(tf.mul(b, 1000), "int32");
      for (const other of [b, tf.scalar(1 / 3), whole, tf.cast(tf.greater(b, 0), "bool"), tf.exp(a)]) {
        for (const [left, right] of [
          [a, other],
          [other, a],
        ] as const) {
          const sum = tf.add(left, right);
          expect([sum.dtype, isReduced(sum)]).toEqual(["float32", false]);
          const [x, y] = [values(a), values(other)];
          expect(values(sum)).toEqual(x.map((value, i) => value + Number(y[i % y.length])));
        }
      }
      // And without any: as in float32.
      expect(tf.add(whole, whole).dtype).toBe("int32");
      expect(values(tf.add(b, b))).toEqual(values(b).map((value) => 2 * value));
    });
  });

  test("a training step: loss and gradients near float32's", async () => {
    const results: Record<string, Float32Array[]> = {};
    for (const backend of ["torch", "cpu"]) {
      await tf.setBackend(backend);
      registerKernels(backend);
      const model = createTResNet({ variant: shape, numClasses: 5, seed: 1 });
      const images = tf.abs(numbers([4, 32, 32, 3], 1)) as tf.Tensor4D;
      const labels = tf.tensor2d(
        Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
        [4, 5],
      );
      const { value, grads } = tf.variableGrads(() =>
        partialLoss(model.forward(images, { training: true }), labels),
      );
      const ours = [...model.parameters()].filter(([key]) => /layer[34].*conv2.*weight|head/.test(key));
      results[backend] = [value, ...ours.map(([, { name }]) => grads[name]!)].map((tensor) =>
        tensor.dataSync<"float32">(),
      );
      model.dispose();
      tf.dispose([images, labels, value, grads]);
    }
    for (const [i, expected] of results.cpu!.entries()) {
      const actual = results.torch![i]!;
      const norm = (values: Float32Array): number =>
        Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
      // Eight bits of mantissa through some twenty layers: the loss within 1 %, gradients in the same direction.
      const along = expected.reduce((sum, value, at) => sum + value * actual[at]!, 0);
      if (i === 0) expect(Math.abs(actual[0]! / expected[0]! - 1)).toBeLessThan(0.01);
      expect(along / norm(expected) / norm(actual)).toBeGreaterThan(0.9);
      expect(actual.every(Number.isFinite)).toBe(true);
    }
  });
});

test("auto is bf16 where the machine is faster in it", () => {
  const cpu = (...flags: string[]) => choosePrecision("auto", { flags: new Set(flags) });
  expect([cpu(), cpu("avx512f"), cpu("avx512_bf16"), cpu("amx_bf16")]).toEqual([
    ...["float32", "float32", "bf16", "bf16"],
  ]);
  // A V100, a T4, an A100, an H200, one that does not say; the CPU does not matter.
  const flags = new Set(["amx_bf16"]);
  const capabilities = [[7, 0], [7, 5], [8, 0], [9, 0], null] as const;
  expect(capabilities.map((capability) => choosePrecision("auto", { capability, flags }))).toEqual([
    ...["float32", "float32", "bf16", "bf16", "float32"],
  ]);
  expect(() => choosePrecision("half" as "auto")).toThrow('"float32", "bf16" or "auto", got "half"');
});
