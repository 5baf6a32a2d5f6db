import { startEngine } from "@csl/engine";
import { expectAllClose } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, test } from "vitest";
import { parityUniform } from "../../test/parity-weights.js";
import { abn } from "./abn.js";
import { runKernels } from "./kernel-definition.js";
import { registerKernels } from "./register-kernels.js";
import { syncedAbn } from "./synced-abn.js";

const tensor = (name: string, shape: number[]): tf.Tensor =>
  tf.tensor(parityUniform(name, tf.util.sizeFromShape(shape)), shape);

type Sum = (numbers: Float64Array) => void;

/** y, running statistics and gradients of one process, as plain numbers. */
function passes(x: tf.Tensor, dy: tf.Tensor, run: (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => tf.Tensor[]) {
  const [weight, bias] = [tensor("weight", [4]), tensor("bias", [4])];
  let outputs: number[][] = [];
  const gradients = tf.grads((...[x, w, b]) => {
    const given = run(x!, w!, b!);
    outputs = given.map((one) => [...one.dataSync()]);
    return given[0]!;
  })([x, weight, bias], dy);
  return [...outputs, ...gradients.map((one) => [...one.dataSync()])];
}

/**
 * Processes one after the other: what they sum does not depend on the others but for what was summed before, so a pass more
 * settles one sum more.
 */
function together(parts: [x: tf.Tensor, dy: tf.Tensor][], slope: number): number[][][] {
  let sums: Float64Array[] = [];
  let results: number[][][] = [];
  for (let pass = 0; pass < 3; pass++) {
    const given: Float64Array[][] = [];
    results = parts.map(([x, dy], rank) => {
      const own: Float64Array[] = [];
      given[rank] = own;
      const sum: Sum = (numbers) => {
        own.push(numbers.slice());
        numbers.set(sums[own.length - 1] ?? numbers);
      };
      return passes(x, dy, (x, weight, bias) =>
        runKernels(syncedAbn, { x, weight, bias }, { epsilon: 1e-5, slope, sum }),
      );
    });
    sums = given[0]!.map((first, call) =>
      first.map((_, i) => given.reduce((s, own) => s + own[call]![i]!, 0)),
    );
  }
  return results;
}

describe.each(["cpu", "wasm"] as const)("a synced norm on %s", (backend) => {
  beforeAll(async () => {
    await startEngine({ prefer: backend });
    registerKernels(backend);
  });

  test.each([
    [1, 0, [2, 2]],
    [0.01, 0, [1, 3]],
    [0.01, 100, [2, 1, 1]],
  ])("slope %d, offset %d: processes with %j images are one with all of them", (slope, offset, sizes) => {
    tf.tidy(() => {
      const x = tf.add(tensor("x", [4, 3, 5, 4]), offset);
      const dy = tensor("dy", [4, 3, 5, 4]);
      const whole = passes(x, dy, (x, weight, bias) =>
        runKernels(abn, { x, weight, bias }, { epsilon: 1e-5, slope }),
      );
      const [y, mean, variance, dx, dweight, dbias] = whole;
      const parts = together(
        sizes.map((size, i) => {
          const from = sizes.slice(0, i).reduce((a, b) => a + b, 0);
          return [tf.slice(x, [from], [size]), tf.slice(dy, [from], [size])];
        }),
        slope,
      );
      const joined = (i: number): number[] => parts.flatMap((part) => part[i]!);
      const added = (i: number): number[] =>
        parts[0]![i]!.map((_, c) => parts.reduce((sum, part) => sum + part[i]![c]!, 0));
      const close = { rtol: 1e-5, atol: offset === 0 ? 2e-6 : 2e-4 };
      expectAllClose(joined(0), y!, close);
      for (const [, ownMean, ownVariance, unbiased] of parts) {
        expectAllClose(ownMean!, mean!, close);
        expectAllClose(ownVariance!, variance!, close);
        expectAllClose(
          unbiased!,
          variance!.map((value) => (value * 60) / 59),
          close,
        );
      }
      expectAllClose(joined(4), dx!, close);
      expectAllClose(added(5), dweight!, { ...close, atol: 10 * close.atol });
      expectAllClose(added(6), dbias!, { ...close, atol: 10 * close.atol });
    });
  });
});
