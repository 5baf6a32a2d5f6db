import { partialLoss, selective } from "@csl/partial-loss";
import { type Batch, createAdam, createEma, trainStep } from "@csl/trainer";
import { createTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { shapeOf } from "../../test/agreement-data.js";
import { type DeviceCounts, loadedFakeDevice } from "../../test/fake-device.js";
import { testDevice } from "../../test/test-device.js";
import { compileTime, onDevice, onTorch, useTorch, withoutTorch } from "../../test/use-torch.js";
import { TorchBackend } from "../torch-backend.js";

const setting = { layers: [1, 1, 1, 1], width: 0.125, classes: 4, batch: 4, size: 32 };

function hasOperator({ binding }: TorchBackend, name: string, overload: string): boolean {
  try {
    return binding.findOperator(name, overload) >= 0;
  } catch {
    return false;
  }
}

function batchOf(seed: number): Batch {
  const { size, batch } = setting;
  const images = Uint8Array.from({ length: batch * size * size * 3 }, (_, i) => (i * 7919 + 31 * seed) % 251);
  const labels = Int8Array.from({ length: batch * 4 }, (_, i) => ((i * 7 + seed) % 3) - 1);
  return { images, labels, size: batch, height: size, width: size };
}

describe.skipIf(withoutTorch || !onDevice).each(["float32", "bf16"] as const)(
  `a step that nobody waits within, in %s on ${onTorch}`,
  (precision) => {
    /** Steps of a TResNet: what each gave, the weights in the end, and what the last one asked of the device. */
    async function steps(
      count: number,
      { options = {}, guards = true, spoil = 1 }: { options?: object; guards?: boolean; spoil?: number } = {},
    ) {
      const { binding, device } = await useTorch();
      tf.removeBackend("torch");
      const backend = new TorchBackend(binding, { device, precision });
      if (!guards) Object.assign(backend, { guardsSteps: false });
      tf.registerBackend("torch", () => backend);
      await tf.setBackend("torch");
      const model = createTResNet({ variant: shapeOf(setting), numClasses: 4, seed: 1 });
      const adam = createAdam(model.parameters(), { weightDecay: 1e-4 });
      const ema = createEma(model, { decay: 0.9 });
      const unannotated = selective({ topK: 1, prior: [0.1, 0.9, 0.2, 0.3] });
      const loss = (x: tf.Tensor2D, y: tf.Tensor2D): tf.Scalar =>
        tf.mul(partialLoss(x, y, { unannotated, validate: false }), spoil) as tf.Scalar;
      const before = (await model.stateDict()).get("head.fc.weight");
      let counts: DeviceCounts | undefined;
      try {
        const results = [];
        for (let i = 0; i < count; i++) {
          if (testDevice === "fake") loadedFakeDevice().takeCounts();
          const rate = { lr: 0.01, beta1: 0.9 };
          results.push(
            await trainStep({ model, loss, adam, ema, numClasses: 4 }, [batchOf(i)], rate, options),
          );
          if (testDevice === "fake") counts = loadedFakeDevice().takeCounts();
        }
        return { results, counts, weights: (await model.stateDict()).get("body.conv1.0.weight")!.data };
      } catch (error) {
        const after = (await model.stateDict()).get("head.fc.weight");
        expect(after).toEqual(before);
        throw error;
      } finally {
        model.dispose();
        adam.dispose();
        ema.dispose();
      }
    }

    test("asks for one read, when all of it is queued, and for no other copy that anybody waits for", {
      timeout: compileTime,
    }, async () => {
      const { counts } = await steps(3);
      if (testDevice === "cuda") return;
      expect(counts).toMatchObject({ syncs: 0, waits: {}, uploads: 0, downloads: 0, asyncDownloads: 1 });
      // Images, labels, the loss's prior, and the optimizer's numbers.
      expect(counts!.asyncUploads).toBe(4);
    });

    test.each([{}, { clipGradNorm: 0.5 }])(
      "gives what a step gives that looks before it steps; %j",
      async (options) => {
        const unread = await steps(3, { options });
        const read = await steps(3, { options, guards: false });
        for (const [i, { loss, gradientNorm }] of unread.results.entries()) {
          expect(loss).toBeCloseTo(read.results[i]!.loss, 3);
          expect(gradientNorm / read.results[i]!.gradientNorm).toBeCloseTo(1, 3);
        }
        for (const [i, weight] of read.weights.entries()) expect(unread.weights[i]).toBeCloseTo(weight, 3);
      },
    );

    test("changes no weight where the loss is not finite, and says so", async () => {
      await expect(steps(1, { spoil: Number.NaN })).rejects.toMatchObject({
        code: "not-finite",
        message: expect.stringContaining("NaN as the loss"),
      });
    });

    test.runIf(testDevice === "fake")(
      "takes few launches for the optimizer, whatever the number of parameters",
      async () => {
        const { binding, device } = await useTorch();
        const backend = tf.backend() as TorchBackend;
        expect([backend.binding, backend.device]).toEqual([binding, device]);
        const launches = (parameters: number, guarded: boolean): number => {
          const list = (seed: number): tf.Tensor[] =>
            Array.from({ length: parameters }, (_, i) => tf.randomUniform([3], 0, 1, "float32", seed + i));
          const variables = (seed: number): tf.Variable[] =>
            list(seed).map((x) => {
              const variable = tf.variable(x, false);
              x.dispose();
              return variable;
            });
          const [value, moment1, moment2, average] = [1, 2, 3, 4].map(variables) as [
            tf.Variable[],
            tf.Variable[],
            tf.Variable[],
            tf.Variable[],
          ];
          const gradients = list(5);
          const numbers = tf.tensor1d([1, 9, 0.1, 1, 0.1, 0.9]);
          const fixed = { count: parameters, averaged: true, beta2: 0.99, epsilon: 1e-8, decoupled: false };
          const changing = { lr: 0.1, beta1: 0.9, correction1: 0.1, correction2: 0.01, emaDecay: 0.9 };
          const weightDecay = value.map((_, i) => (i % 2) * 0.1);
          const inputs = [...value, ...gradients, ...moment1, ...moment2, ...average];
          loadedFakeDevice().takeCounts();
          const results = tf
            .engine()
            .runKernel(
              "CslAdam",
              (guarded ? [...inputs, numbers, numbers] : inputs) as never,
              (guarded
                ? { ...fixed, weightDecay, guarded, row: 0 }
                : { ...fixed, ...changing, weightDecay }) as never,
            );
          const counts = loadedFakeDevice().takeCounts();
          tf.dispose([results as tf.Tensor[], inputs, numbers]);
          return Object.values(counts.launches).reduce((sum, count) => sum + count, 0);
        };
        // Older ones choose between two numbers for each tensor.
        const whole = hasOperator(backend, "aten::_foreach_mul_", "Tensor");
        for (const guarded of whole ? [false, true] : [false]) {
          const few = launches(4, guarded);
          expect(launches(40, guarded)).toBe(few);
          expect(few).toBeLessThan(40);
        }
      },
    );
  },
);
