import { loadCheckpoint } from "@csl/checkpoints";
import { startEngine } from "@csl/engine";
import { ignore, partialLoss } from "@csl/partial-loss";
import { expectNoLeak } from "@csl/test-support";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { createTResNet, stateDictShapes, type TResNetShape } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import type { TrainTask } from "./task.js";
import { train } from "./train.js";
import type { TrainEvent } from "./train-event.js";

const variant: TResNetShape = {
  layers: [1, 1, 1, 1],
  width: 0.125,
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
};
const classes = { ids: ["bright", "red"] };
const { folder, at } = temporaryFolder();

/** Noise of two brightnesses, with more red or less: [8, 32, 32, 3]. */
function batches(count: number, seed: number) {
  return Array.from({ length: count }, (_, b) => {
    const labels = Int8Array.from({ length: 16 }, (_, i) => ((i * 7 + b + seed) >> 1) % 2);
    const images = new Uint8Array(8 * 32 * 32 * 3).map((_, i) => {
      const row = Math.floor(i / 3072);
      const level = labels[2 * row] ? 150 : 40;
      return level + (i % 3 === 0 && labels[2 * row + 1] ? 90 : 0) + ((i * 7919 + seed) % 13);
    });
    return { images, labels, size: 8, height: 32, width: 32 };
  });
}

test("a small TResNet trains on wasm with the CSL loss, resumes exactly and leaks nothing", async () => {
  await startEngine({ prefer: "wasm", threads: 1 });
  const begin = async (options: Partial<TrainTask>, stopAt = Number.POSITIVE_INFINITY) => {
    const model = createTResNet({ variant, numClasses: 2, seed: 1 });
    const stop = new AbortController();
    const events: TrainEvent[] = [];
    await expectNoLeak(async () => {
      for await (const event of train({
        model,
        loss: (logits, labels) => partialLoss(logits, labels, { unannotated: ignore() }),
        trainBatches: (epoch) => batches(4, epoch),
        batchesPerEpoch: 4,
        epochs: 3,
        classes,
        validationBatches: () => batches(2, 50),
        optimizer: { lr: 0.01 },
        ema: { decay: 0.9, warmup: true },
        checkpointFolder: folder,
        config: model.config,
        signal: stop.signal,
        ...options,
      })) {
        events.push(event);
        if (event.type === "step" && event.step === stopAt) stop.abort();
      }
    });
    const state = await model.stateDict();
    model.dispose();
    return { events, state };
  };
  const before = tf.memory().numTensors;
  const whole = await begin({});
  const losses = whole.events.filter((event) => event.type === "step").map(({ loss }) => loss);
  expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
  const best = await loadCheckpoint(at("best.safetensors"), { classes });
  expect([...best.state.keys()]).toEqual([...stateDictShapes({ variant, numClasses: 2 }).keys()]);

  await begin({ overwrite: true }, 6);
  const resumed = await begin({ resume: at("last.safetensors") });
  expect(resumed.events[0]).toMatchObject({ type: "start", step: 6 });
  expect(resumed.state).toEqual(whole.state);
  expect(tf.memory().numTensors).toBe(before);
});
