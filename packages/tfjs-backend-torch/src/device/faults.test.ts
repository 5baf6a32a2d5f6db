import { spawnSync } from "node:child_process";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { type FakeDevice, loadedFakeDevice } from "../../test/fake-device.js";
import { testDevice } from "../../test/test-device.js";
import { compileTime, onTorch, useTorch, withoutTorch } from "../../test/use-torch.js";
import { type Argument, type Handle, ScalarType } from "../binding.js";
import { bindingPath } from "../build-binding.js";
import { findLibtorch } from "../find-libtorch.js";
import type { TorchBackend } from "../torch-backend.js";

// Errors made on purpose, each of which would be one on a GPU, or might: the device without hardware finds all of them.
describe.skipIf(withoutTorch || testDevice !== "fake")(`faults planted on ${onTorch}`, () => {
  let backend: TorchBackend;
  let device: FakeDevice;
  const strided = 0;

  beforeAll(async () => {
    backend = await useTorch();
    device = loadedFakeDevice();
  }, compileTime);

  const call = (name: string, ...args: Argument[]): Handle => backend.call(name, ...args) as Handle;
  const floats = (...values: number[]): Handle =>
    backend.upload(Float32Array.from(values), [values.length], ScalarType.float32);
  const empty = (size: number, place: string, pinned = false): Handle =>
    call("empty.memory_format", [size], ScalarType.float32, strided, place, pinned);

  test("the host reads the device's memory", async () => {
    const binding = await bindingPath(findLibtorch().found!);
    const program = `
      const [torch, device] = [require(process.argv[1]), require(process.argv[2])];
      const handle = torch.upload(Float32Array.of(1, 2), [2], 6, device.accelerator + ":0");
      device.readOnHost(torch.shareTensor(handle));
    `;
    const library = process.env.CSL_TORCH_DEVICE_LIBRARY!;
    const { signal, stderr } = spawnSync(process.execPath, ["-e", program, binding, library], {
      encoding: "utf8",
    });
    expect(signal).toBe("SIGSEGV");
    expect(stderr).toContain("the host touched the device's memory");
  });

  test("tensors of the host and of the device in one operator", () => {
    const host = backend.binding.upload(Float32Array.of(1, 2), [2], ScalarType.float32, "cpu");
    const words = /expected all tensors to be on the same device/i;
    expect(() => call("add.Tensor", floats(1, 2), host)).toThrow(words);
    expect(() => call("dot", floats(1, 2), host)).toThrow(words);
  });

  test("products of whole matrices of integers", () => {
    const ones = backend.upload(new Int32Array(4).fill(1), [2, 2], ScalarType.int32);
    expect(() => call("mm", ones, ones)).toThrow("not implemented for 'Int'");
  });

  test.each<[string, () => unknown]>([
    ["a copy from the host", () => floats(1, 2)],
    ["a copy to the host", () => backend.binding.download(floats(1, 1), new Float32Array(2))],
    ["a value that is asked for", () => call("item", floats(1))],
    ["a size that depends on values", () => call("nonzero", floats(1, 1))],
  ])("%s while a step is recorded", (_, fault) => {
    backend.binding.beginGraph!(0);
    expect(fault).toThrow("operation not permitted when stream is capturing");
    expect(() => backend.binding.endGraph!()).toThrow("previous error during capture");
  });

  test("staging memory used again before its copy is done", () => {
    const [staging, there] = [empty(4, "cpu", true), empty(4, backend.device)];
    call("fill_.Scalar", staging, 1);
    call("copy_", there, staging, true);
    call("fill_.Scalar", staging, 2);
    expect(() => call("neg", there)).toThrow("pinned memory was changed while a copy from it was under way");
  });

  test("what a copy that nobody waited for would bring to the host", () => {
    const [staging, there] = [empty(2, "cpu", true), floats(1, 2)];
    call("copy_", staging, there, true);
    const seen = new Float32Array(2);
    backend.binding.download(staging, seen);
    expect([...seen]).toEqual([Number.NaN, Number.NaN]);
    call("neg", there); // an operator of the same stream comes after it
    backend.binding.download(staging, seen);
    expect([...seen]).toEqual([1, 2]);
  });

  test("memory of one stream used on another", () => {
    const there = floats(1, 2);
    device.onStream(7);
    try {
      expect(() => call("neg", there)).toThrow("of which its allocator does not know");
    } finally {
      device.onStream(0);
    }
  });

  test("and counts what the host waits for: nothing on the way there, one read on the way back", async () => {
    device.takeCounts();
    const x = tf.tensor1d([1, 2, 3]);
    const y = tf.mul(x, 2);
    expect(device.takeCounts()).toMatchObject({ uploads: 0, asyncUploads: 1, syncs: 0 });
    expect([...(await y.data())]).toEqual([2, 4, 6]);
    expect(device.takeCounts()).toMatchObject({ downloads: 0, asyncDownloads: 1, syncs: 0 });
    expect([...y.dataSync()]).toEqual([2, 4, 6]);
    expect(device.takeCounts()).toMatchObject({ downloads: 1, syncs: 1, waits: { download: 1 } });
    tf.dispose([x, y]);
  });
});
