import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { loadedFakeDevice } from "../../test/fake-device.js";
import { named, numbers } from "../../test/run-kernel.js";
import { testDevice } from "../../test/test-device.js";
import { compileTime, onDevice, onTorch, useTorch, withoutTorch } from "../../test/use-torch.js";
import { TorchBackend, type TorchMemory } from "../torch-backend.js";

describe.skipIf(withoutTorch || !onDevice)(`a device with a memory of its own: ${onTorch}`, () => {
  let backend: TorchBackend;

  beforeAll(async () => {
    backend = await useTorch();
  }, compileTime);

  test("tf.memory() counts its bytes, and leaves them out before there are any", () => {
    const tensor = tf.zeros([1 << 16]);
    const { cuda } = tf.memory() as unknown as TorchMemory;
    expect(cuda!.allocated).toBeGreaterThanOrEqual(1 << 18);
    expect(cuda!.peak).toBeGreaterThanOrEqual(cuda!.allocated);
    expect(cuda!.reserved).toBeGreaterThanOrEqual(cuda!.peak);
    tensor.dispose();
    const unused = new TorchBackend(
      { ...backend.binding, cudaMemory: () => null },
      { device: backend.device },
    );
    expect(unused.memory()).not.toHaveProperty("cuda");
  });

  test("tf.time() measures the device, and waits for it", async () => {
    const { kernelMs } = await tf.time(() => tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).dispose());
    expect(kernelMs).toBeGreaterThanOrEqual(0);
    expect(Number.isFinite(kernelMs)).toBe(true);
  });

  test.runIf(testDevice === "fake").each([
    { precision: "float32", bytes: 4 },
    { precision: "bf16", bytes: 2 },
  ] as const)(
    "the gradient of a norm takes three tensors of its input's size, as it is stored: %j",
    async ({ precision, bytes }) => {
      tf.removeBackend("torch");
      tf.registerBackend(
        "torch",
        () => new TorchBackend(backend.binding, { device: backend.device, precision }),
      );
      await tf.setBackend("torch");
      const shape = [4, 32, 32, 64];
      const size = tf.util.sizeFromShape(shape);
      tf.tidy(() => {
        const [x, weight, bias] = [numbers(shape, 1), numbers([64], 2), numbers([64], 3)];
        const attrs = { epsilon: 1e-5, slope: 0.01 };
        const filter = tf.randomNormal<tf.Rank.R4>([1, 1, 64, 64], 0, 0.1, "float32", 1);
        const stored = tf.conv2d(x as tf.Tensor4D, filter, 1, "valid"); // in the precision
        const [y, , variance] = named("CslAbn", { x: stored, weight, bias }, attrs) as tf.Tensor[];
        loadedFakeDevice().takeCounts();
        const { allocated } = (tf.memory() as unknown as TorchMemory).cuda!;
        named(
          "CslAbnGrad",
          { dy: y!, y: y!, weight, bias, variance: variance! },
          { ...attrs, frozen: false },
        );
        const { peak } = (tf.memory() as unknown as TorchMemory).cuda!;
        expect(peak - allocated).toBeLessThan(3.2 * size * bytes);
      });
    },
  );
});
