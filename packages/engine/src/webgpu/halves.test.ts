import { expectAllClose } from "@csl/test-support";
import { hasSoftwareGpu, noSoftwareGpu, useSoftwareGpu } from "@csl/test-support/software-gpu";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../start-engine.js";
import { registerWebgpuKernels } from "./register-webgpu-kernels.js";

if (!hasSoftwareGpu) console.log(`float16 on webgpu: ${noSoftwareGpu}`);

const shape: [number, number, number, number] = [2, 6, 5, 8];
const norm = { epsilon: 1e-5, slope: 0.01 };

const numbers = (of: number[], seed: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(of) }, (_, i) => Math.sin((i + 1) * (12.9898 + seed))),
    of,
  );

function run(name: string, inputs: object, attributes: object = {}): tf.Tensor[] {
  const results = tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap);
  return [results as tf.Tensor | tf.Tensor[]].flat();
}

/** Every kernel that stores activations, the kernels that read them, and one of TensorFlow.js's own. */
function pass(): Record<string, tf.Tensor> {
  const [x, other, dy] = [numbers(shape, 1), numbers(shape, 2), numbers(shape, 3)];
  const [weight, bias] = [numbers([8], 4), numbers([8], 5)];
  const [y, , variance] = run("CslAbn", { x, weight, bias }, norm) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const [dx, dweight] = run("CslAbnGrad", { dy, y, weight, bias, variance }, { ...norm, frozen: false });
  const filter = numbers([3, 3, 8, 8], 6) as tf.Tensor4D;
  const [sum] = run("CslAddRelu", { a: y, b: other }) as [tf.Tensor];
  const [small] = run("CslBlurPool", { x: sum }) as [tf.Tensor];
  const attributes = { strides: 1, pad: "same", dataFormat: "NHWC", filterShape: filter.shape };
  return {
    y,
    sum,
    small,
    dx: dx!,
    dweight: dweight!,
    conv: tf.conv2d(y as tf.Tensor4D, filter, 1, "same"),
    dfilter: run("Conv2DBackpropFilter", { x: y, dy }, attributes)[0]!,
    masked: run("CslAddReluGrad", { dy, y: sum })[0]!,
    mean: tf.mean(sum, [1, 2]),
  };
}

async function on(backend: string): Promise<Record<string, Float32Array>> {
  await tf.setBackend(backend);
  const results = tf.tidy(pass);
  const read: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(results)) read[name] = await tensor.data<"float32">();
  tf.dispose(results);
  return read;
}

describe.skipIf(!hasSoftwareGpu)("activations in float16 on webgpu", () => {
  beforeAll(async () => {
    useSoftwareGpu();
    await startEngine({ prefer: "wasm", threads: 1 });
    await startEngine({ prefer: "webgpu", precision: "float16" });
  });
  afterAll(() => registerWebgpuKernels());

  // float16 keeps 11 bits: a number is off by 2^-11 of itself at most, a sum of products by as much of its largest terms.
  test.each([
    ["y", 2 ** -11],
    ["sum", 2 ** -10],
    ["small", 2 ** -9],
    ["dx", 4e-3],
    ["dweight", 1e-2],
    ["conv", 4e-3],
    ["dfilter", 4e-3],
    ["masked", 0],
    ["mean", 1e-3],
  ])("%s is that of float32 up to %d of its size", async (name, share) => {
    const expected = await on("wasm"); // whose shaders need no compiling
    const before = tf.memory().numDataBuffers;
    const actual = await on("webgpu");
    expect(tf.memory().numDataBuffers).toBe(before);
    const largest = expected[name]!.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expectAllClose(actual[name]!, expected[name]!, { atol: share * largest, rtol: 0 });
    if (share > 0) expect(actual[name]).not.toEqual(expected[name]);
  });

  test("the engine takes it as a precision, and no other", async () => {
    expect((await startEngine({ prefer: "webgpu", precision: "float16" })).device).toContain("in float16");
    await expect(startEngine({ prefer: "webgpu", precision: "bf16" })).rejects.toThrow(
      "webgpu stores activations in float32 or float16, and bf16 was asked for",
    );
    await expect(startEngine({ prefer: "wasm", precision: "float16" })).rejects.toThrow(
      "computes in float32 only",
    );
  });
});
