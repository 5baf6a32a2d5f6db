import { partialLoss } from "@csl/partial-loss";
import { createTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { batchOf, shapeOf } from "../test/agreement-data.js";
import { compileTime, onTorch, useTorch, withoutReduced, withoutTorch } from "../test/use-torch.js";
import { startTorch } from "./start-torch.js";

const setting = { layers: [1, 1, 1, 1], width: 0.125, classes: 6, batch: 4, size: 64 };

// conformance/leak.mjs does it a thousand times on stock layers, and looks at resident memory, too.
describe.skipIf(withoutTorch)(`training leaves nothing behind on ${onTorch}`, () => {
  beforeAll(async () => {
    await useTorch();
  }, compileTime);

  test.each(withoutReduced ? (["float32"] as const) : (["float32", "bf16"] as const))(
    "%s",
    async (precision) => {
      tf.removeBackend("torch");
      await startTorch({ threads: 1, precision });
      await tf.setBackend("torch");
      const model = createTResNet({ variant: shapeOf(setting), numClasses: setting.classes, seed: 1 });
      const adam = tf.train.adam(1e-3);
      const seen = [];
      for (let step = 0; step < 12; step++) {
        tf.tidy(() => {
          const { images, labels } = batchOf(step, setting);
          adam.minimize(() => partialLoss(model.forward(images, { training: true }), labels));
        });
        const { numTensors, numDataBuffers, handles } = tf.memory() as tf.MemoryInfo & { handles: number };
        seen.push({ numTensors, numDataBuffers, handles });
      }
      expect(seen.at(-1)).toEqual(seen[1]);
      adam.dispose();
      model.dispose();
    },
  );
});
