import { createServer } from "node:net";
import { asymmetricLoss } from "@csl/partial-loss";
import { type Batch, type Collectives, train } from "@csl/trainer";
import { createTResNet } from "@csl/tresnet";
import type * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { shapeOf } from "../../test/agreement-data.js";
import { compileTime, onTorch, useTorch, withoutTorch } from "../../test/use-torch.js";
import { joinProcessGroup } from "./join-process-group.js";

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

const batches: Batch[] = Array.from({ length: 4 }, (_, b) => ({
  images: Uint8Array.from({ length: 2 * 32 * 32 * 3 }, (_, i) => (i * 7919 + 31 * b) % 251),
  labels: Int8Array.from({ length: 8 }, (_, i) => ((i * 7 + b) % 3) - 1),
  ...{ size: 2, height: 32, width: 32 },
}));

/** The weights after two steps, each of two batches. */
async function trained(trainBatches: Batch[], collectives?: Collectives): Promise<Float32Array[]> {
  const variant = shapeOf({ layers: [1, 1, 1, 1], width: 0.125, classes: 4, batch: 2, size: 32 });
  const model = createTResNet({ variant, numClasses: 4, seed: 1 });
  const events = train({
    ...{ model, loss: (x: tf.Tensor2D, y: tf.Tensor2D) => asymmetricLoss(x, y), epochs: 1 },
    ...{ trainBatches: () => trainBatches, batchesPerEpoch: trainBatches.length },
    ...{ accumulate: trainBatches.length / 2, classes: { ids: ["a", "b", "c", "d"] } },
    ...(collectives && { collectives }),
  });
  for await (const _ of events);
  const weights = [...model.parameters().values()].map((variable) => variable.dataSync<"float32">().slice());
  model.dispose();
  return weights;
}

describe.skipIf(withoutTorch)(`a training on two ranks, on ${onTorch}`, () => {
  beforeAll(async () => {
    await useTorch();
  }, compileTime);

  test.each(["tensors", "arrays"])(
    "equals one that accumulates, bit for bit, by sums of %s",
    async (kind) => {
      const port = await freePort();
      const [one, other] = await Promise.all(
        [0, 1].map(async (rank) => {
          const group = await joinProcessGroup({ rank, size: 2, host: "127.0.0.1", port, timeout: 20 });
          const allReduceTensor = (tensor: tf.Tensor): Promise<void> => group.allReduce(tensor);
          const collectives = Object.assign(group, kind === "tensors" && { allReduceTensor });
          const own = batches.filter((_, i) => i % 2 === rank);
          const weights = await trained(own, collectives);
          await group.close();
          return weights;
        }),
      );
      expect(one).toEqual(await trained(batches));
      expect(other).toEqual(one);
    },
  );
});
