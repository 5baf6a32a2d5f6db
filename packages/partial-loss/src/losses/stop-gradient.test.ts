import { expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { useBackend } from "../../test/backends.js";
import { stopGradient } from "./formulas.js";

test.each(["cpu", "wasm"])("d/dx of x · stop(x²) is stop(x²), on %s", async (backend) => {
  await useBackend(backend);
  const x = tf.tensor1d([2, -3]);
  const gradient = tf.tidy(() =>
    tf
      .grad((v) => tf.mul(v, stopGradient(tf.square(v))))(x)
      .dataSync(),
  );
  expect([...gradient]).toEqual([4, 9]);
  await expectNoLeak(() => stopGradient(x), { allowed: 1 });
});
