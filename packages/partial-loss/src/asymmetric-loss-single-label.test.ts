import { readFileSync } from "node:fs";
import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { useBackend } from "../test/backends.js";
import {
  type AsymmetricSingleLabelOptions,
  asymmetricLossSingleLabel,
} from "./asymmetric-loss-single-label.js";

/** The formula of ASLSingleLabel evaluated and differentiated by PyTorch in float64. */
const golden: {
  logits: number[][];
  classes: number[];
  cases: (AsymmetricSingleLabelOptions & { value: number; gradient: number[][] })[];
} = JSON.parse(readFileSync(new URL("../fixtures/asl-single-label.json", import.meta.url), "utf8"));

describe.each(["cpu", "wasm"])("asymmetricLossSingleLabel on %s", (backend) => {
  test.each(golden.cases)("as PyTorch: %o", async ({ value, gradient, ...options }) => {
    await useBackend(backend);
    tf.tidy(() => {
      const classes = tf.tensor1d(golden.classes, "int32");
      const result = tf.valueAndGrad((x: tf.Tensor) => asymmetricLossSingleLabel(x, classes, options))(
        tf.tensor2d(golden.logits),
      );
      expectAllClose(result.value.dataSync(), [value], { rtol: 1e-5 });
      expectAllClose(result.grad.dataSync(), gradient, { rtol: 1e-5, atol: 1e-7 });
    });
  });

  test.each([0, 0.5, 2])("finite at |x| = 1e4 with gamma %d", async (gamma) => {
    await useBackend(backend);
    tf.tidy(() => {
      for (const target of [0, 1, 2]) {
        const loss = (x: tf.Tensor) =>
          asymmetricLossSingleLabel(x, tf.tensor1d([target], "int32"), {
            gamma: { positive: gamma, negative: gamma },
            focusGradient: true,
          });
        const { value, grad } = tf.valueAndGrad(loss)(tf.tensor2d([[1e4, -1e4, 0]]));
        expect([...value.dataSync(), ...grad.dataSync()].every(Number.isFinite)).toBe(true);
      }
    });
  });
});

test("refuses class indices out of range and broken logits, and leaks nothing", async () => {
  await useBackend("cpu");
  const run = (x: number, c: number) => () =>
    tf.tidy(() => asymmetricLossSingleLabel(tf.tensor2d([[x, 0]]), tf.tensor1d([c], "int32")));
  expect(run(0, 2)).toThrow("expected class indices 0 to 1, got 2");
  expect(run(0, -1)).toThrow("got -1");
  expect(run(Number.NaN, 1)).toThrow("finite logits, got NaN");
  const logits = tf.tensor2d([[1, 2]]);
  const classes = tf.tensor1d([1], "int32");
  await expectNoLeak(() => asymmetricLossSingleLabel(logits, classes), { allowed: 1 });
  expect(() => asymmetricLossSingleLabel(logits, logits)).toThrow("class indices [batch]");
});
