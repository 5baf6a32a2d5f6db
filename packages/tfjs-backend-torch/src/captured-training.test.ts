import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { partialLoss, selective } from "@csl/partial-loss";
import { expectAllClose } from "@csl/test-support";
import { type Batch, type TrainEvent, type TrainTask, train } from "@csl/trainer";
import { createTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shapeOf } from "../test/agreement-data.js";
import { type DeviceCounts, loadedFakeDevice } from "../test/fake-device.js";
import { graphsFor, type Recorder } from "../test/recorder.js";
import { testDevice } from "../test/test-device.js";
import { compileTime, onDevice, onTorch, useTorch, withoutTorch } from "../test/use-torch.js";
import { captureWith } from "./capture-step.js";
import { convolutionKernels } from "./kernels/convolution.js";
import type { Precision } from "./precision.js";
import { TorchBackend } from "./torch-backend.js";

const setting = { layers: [1, 1, 1, 1], width: 0.125, classes: 4 };

/** The CPU's recorder shows nothing new in another precision; on a device one of the tests does. */
const precisions: Precision[] = onDevice ? ["float32", "bf16"] : ["float32"];

interface TrainedOptions {
  /** The step after which it is interrupted. */
  stopAt?: number;
  onStep?: () => void;
  /** An error is reported instead of thrown. */
  mayFail?: boolean;
}

/** Bit for bit; on a GPU, whose sums come in an order of chance, nearly. */
function expectSame(actual: unknown, expected: unknown): void {
  if (testDevice !== "cuda") expect(actual).toEqual(expected);
  else expectAllClose(numbersIn(actual), numbersIn(expected), { atol: 1e-2, rtol: 1e-2 });
}

function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (ArrayBuffer.isView(value)) return [...(value as Float32Array)];
  const parts = value instanceof Map ? [...value.values()] : Object.values(value ?? {});
  return typeof value === "object" ? parts.flatMap(numbersIn) : [];
}

describe.skipIf(withoutTorch).each(precisions)(
  `a training whose steps are replayed, in %s on ${onTorch}`,
  (precision) => {
    let graphs: Recorder;
    let folder: string;
    let recorded = 0;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "captured-"));
      const backend = await useTorch();
      graphs = graphsFor(backend);
      tf.removeBackend("torch");
      tf.registerBackend("torch", () => new TorchBackend(graphs, { device: backend.device, precision }));
      await tf.setBackend("torch");
      if (onDevice) return;
      // As on CUDA: the loss is composed, and no rearranged filter is kept.
      tf.unregisterKernel("CslPartialLoss", "torch");
      for (const kernel of convolutionKernels) {
        tf.unregisterKernel(kernel.kernelName, "torch");
        tf.registerKernel(kernel);
      }
    }, compileTime);
    afterAll(() => folder && rm(folder, { recursive: true, force: true }));

    /** Noise whose brightness says which classes are present; some labels are missing. The last batch is smaller. */
    function batches(epoch: number): Batch[] {
      return [4, 4, 4, 2].map((size, b) => {
        const labels = Int8Array.from({ length: size * 4 }, (_, i) => ((i * 7 + b + epoch) % 3) - 1);
        const images = Uint8Array.from(
          { length: size * 32 * 32 * 3 },
          (_, i) => 60 + 100 * Math.max(0, labels[Math.floor(i / 3072) * 4]!) + ((i * 7919 + b + epoch) % 31),
        );
        return { images, labels, size, height: 32, width: 32 };
      });
    }

    /** The events of a training of TResNet with the class-aware selective loss, and the weights after it. */
    async function trained(
      options: Partial<TrainTask>,
      { stopAt = Number.POSITIVE_INFINITY, onStep = () => {}, mayFail = false }: TrainedOptions = {},
    ) {
      const model = createTResNet({
        variant: shapeOf({ ...setting, batch: 4, size: 32 }),
        numClasses: 4,
        seed: 1,
      });
      const unannotated = selective({ topK: 1, prior: [0.1, 0.9, 0.2, 0.3] });
      const stop = new AbortController();
      const events: TrainEvent[] = [];
      const run = train({
        model,
        loss: (logits, labels) => partialLoss(logits, labels, { unannotated, validate: false }),
        trainBatches: batches,
        batchesPerEpoch: 4,
        epochs: 3,
        classes: { ids: ["a", "b", "c", "d"] },
        validationBatches: () => batches(50),
        optimizer: { lr: 0.01 },
        ema: { decay: 0.9, warmup: true },
        runningPrior: true,
        checkpointFolder: folder,
        overwrite: true,
        signal: stop.signal,
        now: () => 0,
        ...options,
      });
      let failure: unknown;
      try {
        for await (const event of run) {
          events.push(event);
          if (event.type !== "step") continue;
          onStep();
          if (event.step === stopAt) stop.abort();
        }
      } catch (error) {
        if (!mayFail) throw error;
        failure = (error as Error).message;
      }
      const state = await model.stateDict();
      model.dispose();
      return { events, state, failure };
    }

    const replayed: Partial<TrainTask> = {
      captureStep(step, example, options) {
        const captured = captureWith(graphs, step, example, options);
        expect(captured.recorded).toBe(true);
        recorded++;
        return captured;
      },
    };

    test.each(precision === "bf16" ? [2] : [1, 2])(
      "equals one without, step for step; %i batches a step",
      async (accumulate) => {
        const plain = await trained({ accumulate });
        recorded = 0;
        const counts = (): unknown => [
          graphs.liveHandles(),
          tf.memory().numTensors,
          tf.backend().numDataIds(),
        ];
        const before = counts();
        const other = await trained({ accumulate, ...replayed });
        expect(counts()).toEqual(before);
        expect(recorded).toBe(1);
        expectSame(other, plain);
        const losses = plain.events.flatMap((event) => (event.type === "epoch" ? [event.loss] : []));
        expect(losses.at(-1)!).toBeLessThan(losses[0]! * 0.9);
      },
    );

    test.skipIf(precision === "bf16")(
      "equals one without while the body is frozen, too, then at a lower rate, with gradients clipped",
      async () => {
        const options: Partial<TrainTask> = { body: { freezeEpochs: 1, lrScale: 0.1 }, clipGradNorm: 0.5 };
        const plain = await trained(options);
        recorded = 0;
        const before = [graphs.liveHandles(), tf.memory().numTensors];
        expectSame(await trained({ ...options, ...replayed }), plain);
        expect([graphs.liveHandles(), tf.memory().numTensors]).toEqual(before);
        expect(recorded).toBe(2); // the head alone, then all of it
      },
    );

    test.skipIf(precision === "bf16")(
      "stopped and resumed in the middle of an epoch, it ends the same, too",
      async () => {
        const plain = await trained({});
        await trained(replayed, { stopAt: 6 });
        const rest = await trained({ ...replayed, resume: join(folder, "last.safetensors") });
        expect(rest.events[0]).toMatchObject({ type: "start", step: 6, resumed: true });
        expectSame(rest.state, plain.state);
      },
    );

    test("a step that is not finite changes no weight, and fails with the same words", async () => {
      const options: Partial<TrainTask> = { optimizer: { lr: 1e30 } };
      const plain = await trained(options, { mayFail: true });
      expect(plain.failure).toContain("expected finite numbers in step 2");
      expectSame(await trained({ ...options, ...replayed }, { mayFail: true }), plain);
    });

    test.runIf(testDevice === "fake")(
      "a step is one launch, beside copies of what changes, and one read",
      async () => {
        const each: DeviceCounts[] = [];
        const onStep = (): void => void each.push(loadedFakeDevice().takeCounts());
        await trained({ ...replayed, runningPrior: false }, { onStep });
        // The first records, the fourth has a smaller batch, and the next one's is sent with the step before.
        for (const { launches, ...counts } of [each[1]!, each[5]!]) {
          expect(counts).toMatchObject({ syncs: 0, waits: {}, uploads: 0, downloads: 0, asyncDownloads: 1 });
          // Images, labels and the optimizer's numbers.
          expect(counts.asyncUploads).toBe(3);
          expect(launches.graph).toBe(1);
          const all = Object.values(launches).reduce((sum, count) => sum + count, 0);
          expect(all).toBeLessThan(12);
        }
      },
    );
  },
);
