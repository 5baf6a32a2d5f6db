import { expectAllClose } from "@csl/test-support";
import { hasSoftwareGpu, noSoftwareGpu, useSoftwareGpu } from "@csl/test-support/software-gpu";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../start-engine.js";

if (!hasSoftwareGpu) console.log(`shared tensors on webgpu: ${noSoftwareGpu}`);

const sizes = [7, 3000];
const attrs = {
  count: sizes.length,
  averaged: false,
  lr: 0.01,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  decoupled: false,
  correction1: 0.19,
  correction2: 0.0199,
  emaDecay: 1,
  weightDecay: [0.1, 0],
};

const numbers = (size: number, seed: number): tf.Tensor1D =>
  tf.tensor1d(Float32Array.from({ length: size }, (_, i) => 1.5 + Math.sin((i + 1) * (12.9898 + seed))));

/** Values, gradients, moments and second moments. */
const lists = (): tf.Variable[] =>
  tf.tidy(() => [1, 2, 3, 4].flatMap((seed) => sizes.map((size) => tf.variable(numbers(size, seed)))));

function run(name: string, inputs: object, attributes: object = {}): tf.Tensor[] {
  const results = tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap);
  return [results as tf.Tensor | tf.Tensor[]].flat();
}

/** A step of Adam on variables, which are assigned what it gives. */
function update(variables: tf.Variable[]): void {
  const results = run("CslAdam", variables, attrs);
  for (const [i, result] of results.entries()) variables[i < 2 ? i : i + 2]!.assign(result);
  tf.dispose(results);
}

const read = (tensor: tf.Tensor): Promise<Float32Array> => tensor.data<"float32">();

describe.skipIf(!hasSoftwareGpu)("tensors that share memory on webgpu", () => {
  beforeAll(async () => {
    useSoftwareGpu();
    await startEngine({ prefer: "webgpu" });
  });

  test("a clone, a part and a read under way keep the values that Adam replaces", async () => {
    const before = tf.memory();
    const variables = lists();
    const first = await Promise.all(variables.map(read));
    const clones = [0, 1, 4, 7].map((i) => tf.clone(variables[i]!));
    const part = tf.slice(variables[1]!, 100, 50);
    update(variables);
    for (const [k, i] of [0, 1, 4, 7].entries()) expect(await read(clones[k]!)).toEqual(first[i]);
    expect(await read(part)).toEqual(first[1]!.slice(100, 150));
    update(variables); // in place from here on
    const second = await read(tf.keep(variables[1]!));
    const reading = read(variables[1]!);
    const held = tf.clone(variables[5]!);
    const moments = await read(held);
    update(variables);
    expect(await reading).toEqual(second);
    expect(await read(held)).toEqual(moments);
    expect(await read(variables[1]!)).not.toEqual(second);
    tf.dispose([...clones, part, held, ...variables]);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });

  test("steps in place equal steps on tensors of their own", async () => {
    const variables = lists();
    const plain = tf.tidy(() => lists().map((variable) => tf.keep(tf.mul(variable, 1))));
    for (let step = 0; step < 3; step++) {
      update(variables);
      const results = run("CslAdam", plain, attrs);
      for (const [i, result] of results.entries()) {
        plain[i < 2 ? i : i + 2]!.dispose();
        plain[i < 2 ? i : i + 2] = result;
      }
    }
    for (const [i, variable] of variables.entries())
      expect(await read(variable)).toEqual(await read(plain[i]!));
    tf.dispose([...variables, ...plain]);
  });

  test.each(["average", "norm"])("%s of tensors in several buffers", async (kind) => {
    const variables = lists();
    update(variables); // values and moments lie in shared buffers now
    const [a, b] = [variables[1]!, variables[5]!];
    const [x, y] = [await read(a), await read(b)];
    const [result] =
      kind === "norm" ? run("CslNorm", [a, b]) : run("CslAverage", [a, b], { count: 1, decay: 0.75 });
    const expected =
      kind === "norm" ? [Math.hypot(...x, ...y)] : x.map((value, i) => 0.25 * value + 0.75 * y[i]!);
    expectAllClose(await read(result!), expected, { rtol: 1e-5 });
    tf.dispose([...variables, result!]);
  });
});
