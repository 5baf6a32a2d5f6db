import { existsSync } from "node:fs";
import { expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { compileTime, onTorch, useTorch, withoutTorch } from "../test/use-torch.js";
import { buildTorch, startTorch } from "./start-torch.js";
import type { TorchBackend } from "./torch-backend.js";

/** One step of a small network with everything in it that a training step has. */
function trainingStep(model: tf.LayersModel, optimizer: tf.Optimizer, step: number): number {
  return tf.tidy(() => {
    const images = tf.randomUniform([4, 12, 12, 3], 0, 1, "float32", step);
    const labels = tf.oneHot(tf.tensor1d([0, 1, 2, step % 3], "int32"), 3);
    const loss = optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy(labels, model.apply(images, { training: true }) as tf.Tensor),
      true,
    )!;
    return loss.dataSync()[0]!;
  });
}

function network(): tf.LayersModel {
  const input = tf.input({ shape: [12, 12, 3] });
  const conv = tf.layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: "same", useBias: false });
  const norm = tf.layers.batchNormalization().apply(conv.apply(input));
  const active = tf.layers.leakyReLU({ alpha: 0.01 }).apply(norm);
  const pooled = tf.layers.maxPooling2d({ poolSize: 2, strides: 1, padding: "same" }).apply(active);
  const flat = tf.layers.globalAveragePooling2d({}).apply(pooled);
  return tf.model({ inputs: input, outputs: tf.layers.dense({ units: 3 }).apply(flat) as tf.SymbolicTensor });
}

describe.skipIf(withoutTorch)(`the backend on ${onTorch}`, () => {
  let backend: TorchBackend;
  beforeAll(async () => {
    backend = await useTorch();
  }, compileTime);

  test("forty training steps leave neither tensors nor handles behind", async () => {
    const model = network();
    const optimizer = tf.train.adam(0.01);
    trainingStep(model, optimizer, 0);
    const handles = backend.binding.liveHandles();
    const ids = backend.numDataIds();
    const losses: number[] = [];
    await expectNoLeak(() => {
      for (let step = 1; step <= 40; step++) losses.push(trainingStep(model, optimizer, step));
    });
    expect(backend.binding.liveHandles()).toBe(handles);
    expect(backend.numDataIds()).toBe(ids);
    expect(tf.memory()).toMatchObject({ handles });
    expect(losses.every(Number.isFinite)).toBe(true);
    model.dispose();
    optimizer.dispose();
  });

  test("a kernel that fails halfway frees what it had made", () => {
    const x = tf.ones([2, 3]);
    const handles = backend.binding.liveHandles();
    // Cast, then refused by libtorch.
    expect(() =>
      tf
        .engine()
        .runKernel(
          "BatchMatMul",
          { a: tf.ones([2, 3], "int32"), b: x },
          { transposeA: false, transposeB: false },
        ),
    ).toThrow();
    expect(backend.binding.liveHandles()).toBe(handles + 1);
    x.dispose();
  });

  test("what libtorch says comes in one line with the operator's name", () => {
    const { binding } = backend;
    const three = binding.upload(new Float32Array(3), [3], 6, "cpu");
    const four = binding.upload(new Float32Array(4), [4], 6, "cpu");
    expect(() => backend.call("add.Tensor", three, four)).toThrow(
      /^torch: aten::add\.Tensor: The size of tensor a \(3\) must match the size of tensor b \(4\) .*$/,
    );
    expect(() => backend.call("add.Tensor", three)).toThrow("torch: aten::add.Tensor, argument other");
    expect(() => backend.call("no_such_operator")).toThrow(
      "torch: this libtorch has no operator aten::no_such_operator",
    );
    binding.free(three);
    expect(() => backend.call("neg", three)).toThrow(/handle \d+ is no live tensor; it was freed before/);
    expect(() => binding.free(three)).toThrow("it was freed before");
    binding.free(four);
  });

  test("denormals vanish in libtorch and stay in JavaScript", () => {
    const tiny = tf.tensor1d([1e-39, 1e-30]);
    const [gone, kept] = tf.mul(tiny, 1).dataSync();
    expect(gone).toBe(0);
    expect(kept).toBeCloseTo(1e-30, 35);
    expect(Number.MIN_VALUE / 1 > 0).toBe(true);
  });

  test("arrays are copied on the way in and out, whatever memory they lie in", () => {
    const shared = new Float32Array(new SharedArrayBuffer(16), 4, 2);
    shared.set([1, 2]);
    const x = tf.tensor1d(shared);
    shared.fill(9);
    const out = x.dataSync();
    expect([...out]).toEqual([1, 2]);
    out.fill(7);
    expect([...x.dataSync()]).toEqual([1, 2]);
    expect([...tf.tensor1d([1.9, -1.9], "int32").dataSync()]).toEqual([1, -1]);
  });

  test("a read on another thread outlives the tensor", async () => {
    const { binding } = backend;
    const handle = binding.upload(Float32Array.of(1, 2, 3), [3], 6, "cpu");
    const into = new Float32Array(3);
    const reading = binding.downloadAsync(handle, into);
    binding.free(handle);
    expect(await reading).toBe(into);
    expect([...into]).toEqual([1, 2, 3]);
    expect(() => binding.downloadAsync(binding.upload(into, [3], 6, "cpu"), new Float32Array(2))).toThrow(
      "torch: download: the tensor holds 3 values, the array 2",
    );
  });

  test("tensors move between this backend and cpu", async () => {
    const x = tf.tensor1d([1, 2]);
    await tf.setBackend("cpu");
    const doubled = tf.mul(x, 2);
    await tf.setBackend("torch");
    expect([...tf.add(doubled, x).dataSync()]).toEqual([3, 6]);
  });

  test("bytes written as int32 are their values; divided by 255, what the host computes", () => {
    tf.tidy(() => {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      const tensor = tf.engine().makeTensor(bytes, [16, 16], "int32");
      expect([...tensor.dataSync()]).toEqual([...bytes]);
      expect([...tf.div(tf.cast(tensor, "float32"), 255).dataSync()]).toEqual(
        Array.from(bytes, (byte) => Math.fround(byte / 255)),
      );
    });
  });

  test("a kernel on a tensor that is no more says so, once", () => {
    const x = tf.tensor1d([1, 2]);
    const { dataId, shape, dtype } = x;
    x.dispose();
    expect(() => backend.handleOf({ dataId })).toThrow(
      "torch: a tensor was used after it had been disposed of.",
    );
    expect(() =>
      tf.getKernel("Neg", "torch").kernelFunc({ inputs: { x: { dataId, shape, dtype } }, backend }),
    ).toThrow("torch: a tensor was used after it had been disposed of.");
  });

  test("parts of a complex tensor outlive it", () => {
    const z = tf.complex([1, 2], [3, 4]);
    const real = tf.real(z);
    z.dispose();
    expect([...real.dataSync()]).toEqual([1, 2]);
  });

  test(
    "buildTorch finds the binding that was built, and loads it elsewhere",
    async () => {
      const { path, version } = await buildTorch();
      expect(existsSync(path)).toBe(true);
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    },
    compileTime,
  );

  test.skipIf(withoutTorch || process.env.CSL_TEST_CUDA)(
    "asking for CUDA where there is none says so",
    async () => {
      if (backend.binding.hasCuda()) return;
      await expect(startTorch({ device: "cuda" })).rejects.toThrow("finds no CUDA device");
      expect(backend.binding.cudaMemory(0)).toBeNull();
    },
  );
});
