import { join } from "node:path";
import { runProgram } from "@csl/internal/processes/run-program";
import {
  hasSoftwareGpu,
  noSoftwareGpu,
  softwareGpuEnv,
  useSoftwareGpu,
} from "@csl/test-support/software-gpu";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { startEngine } from "../start-engine.js";
import { isSoftware, watchDevice } from "./webgpu-device.js";

class GPUOutOfMemoryError extends Error {}

/** A device that fails as the test asks. */
function fakeDevice() {
  let lose!: (loss: { reason: string; message: string }) => void;
  const lost = new Promise<{ reason: string; message: string }>((resolve) => {
    lose = resolve;
  });
  const limits = { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 27 };
  const device = Object.assign(new EventTarget(), { lost, limits, createBuffer: () => "a buffer" });
  const fail = (error: Error): boolean =>
    device.dispatchEvent(Object.assign(new Event("uncapturederror", { cancelable: true }), { error }));
  return { device: device as unknown as GPUDevice, fail, lose };
}

describe("what goes wrong on a device is said in words", () => {
  it("nothing, as long as nothing did", () => {
    expect(watchDevice(fakeDevice().device)()).toBeUndefined();
  });

  it("the first error, once, and Dawn does not print it besides", () => {
    const { device, fail } = fakeDevice();
    const failure = watchDevice(device);
    expect(fail(new GPUOutOfMemoryError("heap"))).toBe(false);
    fail(new Error("a consequence"));
    expect(failure()?.message).toBe(
      "webgpu: the GPU is out of memory. Use a smaller batch or smaller images.",
    );
    const other = fakeDevice();
    const second = watchDevice(other.device);
    other.fail(new Error("no such binding"));
    expect(second()?.message).toBe("webgpu: the GPU refused a command. no such binding");
  });

  it.each([
    [{ reason: "unknown", message: "a hang" }, "webgpu: the GPU was lost (a hang). Start the program again."],
    [{ reason: "destroyed", message: "" }, "webgpu: the engine was stopped."],
  ])("a device that is gone: %o", async (loss, message) => {
    const { device, lose } = fakeDevice();
    const failure = watchDevice(device);
    lose(loss);
    await device.lost;
    expect(failure()).toMatchObject({ name: "CslError", code: "failed", message });
  });

  it("a tensor that no buffer of the device holds, before it is made", () => {
    const { device } = fakeDevice();
    watchDevice(device);
    const buffer = (size: number) => device.createBuffer({ size, usage: 128 });
    expect(buffer(2 ** 27)).toBe("a buffer");
    expect(() => buffer(2 ** 28)).toThrow(
      "webgpu: expected tensors of at most 128 MiB on this GPU, got one of 256 MiB. Use a smaller batch or smaller images.",
    );
  });
});

it.each([
  ["SwiftShader Device (Subzero)", true],
  ["llvmpipe (LLVM 19.1.7, 256 bits)", true],
  ["Microsoft Basic Render Driver", true],
  ["NVIDIA H200", false],
  ["Apple M1 Max", false],
])("%s is a CPU that plays a GPU: %s", (description, expected) => {
  const adapter = { vendor: "", architecture: "", device: "", description, isFallbackAdapter: false };
  expect(isSoftware(adapter)).toBe(expected);
  expect(isSoftware({ ...adapter, isFallbackAdapter: true })).toBe(true);
});

if (!hasSoftwareGpu) console.info(noSoftwareGpu);

describe.skipIf(!hasSoftwareGpu)("on SwiftShader", () => {
  it("an engine that was stopped says so, instead of answering with zeros", async () => {
    useSoftwareGpu();
    const engine = await startEngine({ prefer: "webgpu" });
    const x = tf.tensor1d([1, 2, 3]);
    expect((await tf.sum(x).data())[0]).toBe(6);
    engine.stop();
    await expect(tf.sum(x).data()).rejects.toThrow("webgpu: the engine was stopped.");
  });

  it("lets a process end by itself, without a browser's global names in it", async () => {
    const script = `
      import { startEngine } from ${JSON.stringify(join(import.meta.dirname, "../index.ts"))};
      import * as tf from "@tensorflow/tfjs-core";
      await startEngine({ prefer: "webgpu" });
      console.log((await tf.sum(tf.tensor1d([1, 2, 3])).data())[0], globalThis.navigator?.gpu);`;
    const words = ["--conditions=@csl/source", `--import=${import.meta.resolve("tsx")}`];
    const ended = await runProgram(process.execPath, [...words, "--input-type=module", "--eval", script], {
      cwd: import.meta.dirname,
      env: { ...process.env, ...softwareGpuEnv },
      timeout: 100_000,
    });
    expect(ended).toMatchObject({ code: 0, stdout: "6 undefined\n", stderr: "" });
  });
});
