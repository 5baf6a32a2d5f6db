import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { expect, test } from "vitest";
import { createEma, withEmaWeights } from "./ema.js";

setThreadsCount(1);

function tinyModel() {
  const parameters = new Map([["w", tf.variable(tf.tensor1d([1, 2]))]]);
  const buffers = new Map([["running_mean", tf.variable(tf.tensor1d([10]))]]);
  return { parameters: () => parameters, buffers: () => buffers };
}

test.each(["cpu", "wasm"])(
  "weights and statistics are averaged with a constant decay on %s",
  async (backend) => {
    await tf.setBackend(backend);
    const model = tinyModel();
    const ema = createEma(model, { decay: 0.75 });
    model
      .parameters()
      .get("w")!
      .assign(tf.tensor1d([5, -2]));
    model
      .buffers()
      .get("running_mean")!
      .assign(tf.tensor1d([2]));
    await expectNoLeak(() => {
      ema.update();
      ema.update();
    });
    // two updates of a constant: x + 0.75² (start - x)
    expectAllClose(await ema.averages.get("w")!.data(), [5 + 0.5625 * -4, -2 + 0.5625 * 4]);
    expectAllClose(await ema.averages.get("running_mean")!.data(), [2 + 0.5625 * 8]);
  },
);

test("warm-up starts with a decay of a tenth and ends at the given one", () => {
  const ema = createEma(tinyModel(), { decay: 0.9, warmup: true });
  const decays = [];
  for (let n = 0; n < 100; n++) {
    decays.push(ema.decay);
    ema.update();
  }
  expect(decays[0]).toBe(0.1); // (1 + 0) / (10 + 0)
  expect(decays[8]).toBe(0.5); // 9 / 18
  expect(decays[99]).toBe(0.9);
});

test("withEmaWeights lends the averages and gives the weights back, even after an error", async () => {
  const model = tinyModel();
  const ema = createEma(model, { decay: 0.5 });
  const weights = model.parameters().get("w")!;
  weights.assign(tf.tensor1d([3, 4]));
  await expectNoLeak(async () => {
    await withEmaWeights(model, ema, () => {
      expect([...weights.dataSync()]).toEqual([1, 2]);
      expect([...ema.averages.get("w")!.dataSync()]).toEqual([3, 4]);
    });
    await expect(
      withEmaWeights(model, ema, () => {
        throw new Error("inside");
      }),
    ).rejects.toThrow("inside");
  });
  expect([...weights.dataSync()]).toEqual([3, 4]);
});

test("a decay of 1 would never learn and is refused", () => {
  expect(() => createEma(tinyModel(), { decay: 1 })).toThrow(
    "expected decay to be a finite number of at least 0 and below 1, got 1",
  );
});
