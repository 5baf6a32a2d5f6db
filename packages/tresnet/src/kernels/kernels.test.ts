import { startEngine } from "@csl/engine";
import { expectAllClose } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parityUniform } from "../../test/parity-weights.js";
import { abn, abnInference } from "./abn.js";
import { addRelu } from "./add-relu.js";
import { blurThenHalve } from "./blur-pool.js";
import { averageHalve } from "./ceil-avg-pool.js";
import { runKernel, runKernels } from "./kernel-definition.js";
import { linear } from "./linear.js";
import { primitivesFor } from "./primitives.js";
import { kernelDefinitions, registerKernels } from "./register-kernels.js";
import { squeezeExcite } from "./squeeze-excite.js";

const tensor = (name: string, shape: number[]): tf.Tensor =>
  tf.tensor(
    parityUniform(
      name,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );

const positive = (name: string, shape: number[]): tf.Tensor => tf.add(tensor(name, shape), 1.5);

/** Of a process beside another one with the same images. */
const twice = (numbers: Float64Array): void => numbers.set(numbers.map((value) => 2 * value));

/** Inputs and attributes of every kernel at one size; odd sizes reach the edge rules. */
function sampleCalls([batch, height, width, channels]: [number, number, number, number]) {
  const full = [batch, height, width, channels];
  const half = [batch, Math.ceil(height / 2), Math.ceil(width / 2), channels];
  const c = [channels];
  const x = tensor("x", full);
  const dy = tensor("dy", full);
  const weight = tf.where(tf.less(tf.range(0, channels), 1), tf.zeros(c), tensor("weight", c));
  const bias = tf.mul(weight, tensor("bias", c));
  const abnAttributes = { epsilon: 1e-5, slope: 1e-3 };
  const w = { w1: tensor("w1", [1, 1, channels, 6]), w2: tensor("w2", [1, 1, 6, channels]) };
  const gates = {
    pooled: tensor("pooled", [batch, channels]),
    hidden: tf.relu(tensor("hidden", [batch, 6])),
    gate: tf.sigmoid(tensor("gate", [batch, channels])),
  };
  const saved = { dy, y: x, weight: tf.add(weight, 0.3), bias, variance: positive("variance", c) };
  const pool = { inputShape: full };
  const calls: Record<string, [tf.NamedTensorMap, object][]> = {
    CslAbn: [
      [{ x, weight, bias }, abnAttributes],
      [
        { x, weight, bias },
        { ...abnAttributes, slope: 1 },
      ],
    ],
    CslAbnGrad: [
      [saved, { ...abnAttributes, frozen: false }],
      [saved, { ...abnAttributes, slope: 1, frozen: true }],
    ],
    CslAbnInference: [[{ x, weight, bias, mean: bias, variance: positive("variance", c) }, abnAttributes]],
    CslAddRelu: [[{ a: x, b: dy }, {}]],
    CslAddReluGrad: [[{ dy, y: tf.relu(x) }, {}]],
    CslBlurPool: [[{ x }, pool]],
    CslBlurPoolGrad: [[{ dy: tensor("small", half) }, pool]],
    CslCeilAvgPool: [[{ x }, pool]],
    CslCeilAvgPoolGrad: [[{ dy: tensor("small", half) }, pool]],
    CslRunningUpdate: [
      [[bias, weight, weight, bias] as unknown as Record<string, tf.Tensor>, { keep: 0.9, add: [0.2, 0.3] }],
    ],
    CslSqueezeExcite: [[{ x, ...w, b1: tensor("b1", [6]), b2: tensor("b2", c) }, {}]],
    CslSyncedAbn: [
      [
        { x, weight, bias },
        { ...abnAttributes, sum: twice },
      ],
    ],
    CslSyncedAbnGrad: [[saved, { ...abnAttributes, sum: twice }]],
    CslSqueezeExciteGrad: [[{ dy, x, ...gates, ...w }, {}]],
  };
  return calls;
}

const sizes: [number, number, number, number][] = [
  [2, 6, 4, 5],
  [1, 7, 5, 8],
  [3, 2, 3, 4],
  [2, 9, 2, 1],
];

describe.each(["cpu", "wasm"] as const)("named kernels on %s", (backend) => {
  beforeAll(async () => {
    await startEngine({ prefer: backend });
    registerKernels(backend);
  });

  // The composed form is the meaning of a kernel; the registered one (a loop, or an engine's own) must agree.
  describe.each(kernelDefinitions.map((definition) => [definition.name, definition] as const))(
    "%s",
    (name, definition) => {
      test.each(sizes)("agrees with its composed form at [%i,%i,%i,%i]", (...size) => {
        tf.tidy(() => {
          for (const [inputs, attributes] of sampleCalls(size)[name]!) {
            const actual = [
              tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap),
            ].flat() as tf.Tensor[];
            const composed = definition.composed(inputs, attributes, primitivesFor("any"));
            const expected = [composed].flat() as tf.Tensor[];
            expect(actual.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
            for (const [i, e] of expected.entries())
              expectAllClose(actual[i]!.dataSync(), e.dataSync(), { atol: 2e-6, rtol: 2e-5 });
            // and with the steps that wasm's composed form takes
            const others = [
              definition.composed(inputs, attributes, primitivesFor(backend)),
            ].flat() as tf.Tensor[];
            for (const [i, e] of expected.entries())
              expectAllClose(others[i]!.dataSync(), e.dataSync(), { atol: 2e-6, rtol: 2e-5 });
          }
        });
      });
    },
  );

  test("blur of a unit at the centre is the binomial filter, and constants stay", () => {
    tf.tidy(() => {
      const unit = tf.tensor4d(
        Float32Array.from({ length: 25 }, (_, i) => (i === 12 ? 16 : 0)),
        [1, 5, 5, 1],
      );
      expectAllClose(blurThenHalve(unit).dataSync(), [0, 0, 0, 0, 4, 0, 0, 0, 0], { atol: 1e-6 });
      const off = tf.tensor4d(
        Float32Array.from({ length: 25 }, (_, i) => (i === 6 ? 16 : 0)),
        [1, 5, 5, 1],
      );
      // (1,1) is seen once by the centre and, mirrored, twice along an edge and four times in the corner.
      expectAllClose(blurThenHalve(off).dataSync(), [4, 2, 0, 2, 1, 0, 0, 0, 0], { atol: 1e-6 });
      expectAllClose(blurThenHalve(tf.ones([1, 6, 7, 3])).dataSync(), new Float32Array(36).fill(1), {
        rtol: 1e-6,
      });
    });
  });

  // The core's own MirrorPad gradient gives 9 here instead of 25 (3x3, filter of ones).
  test.each(sizes)("pools at [%i,%i,%i,%i]: <A x, dy> = <x, Aᵀ dy>", (...size) => {
    tf.tidy(() => {
      const x = tensor("x", size) as tf.Tensor4D;
      for (const pool of [blurThenHalve, averageHalve]) {
        const y = pool(x);
        const dy = tensor("up", y.shape);
        const dx = tf.grad((input) => pool(input as tf.Tensor4D))(x, dy);
        const left = tf.sum(tf.mul(y, dy)).dataSync();
        expectAllClose(tf.sum(tf.mul(x, dx)).dataSync(), left, { atol: 1e-5, rtol: 1e-5 });
      }
    });
  });

  test("ceil-mode average pool counts only what is there", () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
      expectAllClose(averageHalve(x).dataSync(), [3, 4.5, 7.5, 9], { rtol: 1e-6 });
      const dx = tf.grad((input) => averageHalve(input as tf.Tensor4D))(
        x,
        tf.tensor4d([4, 4, 4, 4], [1, 2, 2, 1]),
      );
      expectAllClose(dx.dataSync(), [1, 1, 2, 1, 1, 2, 2, 2, 4], { rtol: 1e-6 });
    });
  });

  test("a norm weight of 0 trains as a positive one does", () => {
    tf.tidy(() => {
      // x = ±1: mean 0, variance 1, so x̂ = x/√(1 + ε) and Σ x̂·dy with dy = x is 4 (to ε).
      const x = tf.tensor4d([1, 1, -1, -1, 1, 1, -1, -1], [4, 1, 1, 2]);
      const run = (weight: tf.Tensor1D): tf.Tensor =>
        runKernels(abn, { x, weight, bias: tf.zeros([2]) }, { epsilon: 1e-5, slope: 1 })[0]!;
      const dweight = tf.grad((w) => run(w as tf.Tensor1D))(tf.tensor1d([0, -0.5]), x);
      expectAllClose(dweight.dataSync(), [4, -4], { rtol: 1e-4 });
    });
  });

  test("ABN keeps the output only: the convolution's output may go", () => {
    const x = tensor("x", [2, 4, 4, 8]);
    const [weight, bias] = [tf.ones([8]), tf.zeros([8])];
    const before = tf.memory().numDataBuffers;
    let kept = 0;
    const dx = tf.grad((input) => {
      const y = tf.tidy(() => {
        const z = tf.neg(input); // stands for the convolution; its gradient keeps nothing
        return runKernels(abn, { x: z, weight, bias }, { epsilon: 1e-5, slope: 0.01 })[0]!;
      });
      kept = tf.memory().numDataBuffers - before;
      return tf.sum(y);
    })(x);
    // y and the variance. TensorFlow.js's wasm Identity copies, so there the saved y, weight and bias count as well.
    expect(kept).toBeLessThanOrEqual(backend === "wasm" ? 5 : 2);
    tf.dispose([x, weight, bias, dx]);
  });

  test("linear has the gradients of its formula", () => {
    tf.tidy(() => {
      const inputs = [tensor("in", [3, 4]), tensor("w", [4, 5]), tensor("b", [5])] as const;
      const dy = tensor("dy", [3, 5]);
      const plain = tf.grads((x, w, b) => tf.add(tf.matMul(x!, w!), b!))([...inputs], dy);
      const ours = tf.grads((x, w, b) => linear(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D))(
        [...inputs],
        dy,
      );
      for (const [i, expected] of plain.entries())
        expectAllClose(ours[i]!.dataSync(), expected.dataSync(), { atol: 1e-6, rtol: 1e-5 });
    });
  });
});

// The composed chain of registered gradients is an independent statement of what the gradient kernels compute.
describe("gradient kernels against TensorFlow.js's own gradients on cpu", () => {
  beforeAll(async () => {
    await startEngine({ prefer: "cpu" });
    registerKernels("cpu");
  });
  afterAll(() => tf.disposeVariables());

  const x = (): tf.Tensor => tensor("x", [2, 3, 5, 4]);

  test.each([0.01, 1])("CslAbn and CslAbnInference, slope %d", (slope) => {
    tf.tidy(() => {
      const weight = tensor("weight", [4]);
      const bias = tensor("bias", [4]);
      const dy = tensor("dy", [2, 3, 5, 4]);
      const plain =
        (frozen: boolean) =>
        (input: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor => {
          const { mean, variance } = frozen
            ? { mean: tf.mul(bias, 0), variance: tf.add(tf.mul(bias, 0), 2) }
            : tf.moments(input, [0, 1, 2]);
          const xhat = tf.div(tf.sub(input, mean), tf.sqrt(tf.add(variance, 1e-5)));
          return tf.leakyRelu(tf.add(tf.mul(xhat, tf.add(tf.abs(w), 1e-5)), b), slope);
        };
      const attributes = { epsilon: 1e-5, slope };
      const training = (input: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor =>
        runKernels(abn, { x: input, weight: w, bias: b }, attributes)[0]!;
      const inference = (input: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor =>
        runKernel(
          abnInference,
          { x: input, weight: w, bias: b, mean: tf.zeros([4]), variance: tf.fill([4], 2) },
          attributes,
        );
      for (const [ours, theirs] of [
        [training, plain(false)],
        [inference, plain(true)],
      ] as const) {
        const gradients = (f: typeof ours): tf.Tensor[] =>
          tf.grads((...args) => f(...(args as [tf.Tensor, tf.Tensor, tf.Tensor])))([x(), weight, bias], dy);
        const expected = gradients(theirs);
        for (const [i, actual] of gradients(ours).entries())
          expectAllClose(actual.dataSync(), expected[i]!.dataSync(), { atol: 5e-6, rtol: 5e-5 });
      }
    });
  });

  test("CslSqueezeExcite and CslAddRelu", () => {
    tf.tidy(() => {
      const names = ["w1", "b1", "w2", "b2"] as const;
      const parameters = [[1, 1, 4, 6], [6], [1, 1, 6, 4], [4]].map((shape, i) => tensor(names[i]!, shape));
      const dy = tensor("dy", [2, 3, 5, 4]);
      const plain = (input: tf.Tensor, ...[w1, b1, w2, b2]: tf.Tensor[]): tf.Tensor => {
        const pooled = tf.mean(input, [1, 2]) as tf.Tensor2D;
        const hidden = tf.relu(tf.add(tf.matMul(pooled, tf.reshape(w1!, [4, 6])), b1!)) as tf.Tensor2D;
        const gate = tf.sigmoid(tf.add(tf.matMul(hidden, tf.reshape(w2!, [6, 4])), b2!));
        return tf.relu(tf.add(input, tf.mul(input, tf.reshape(gate, [2, 1, 1, 4]))));
      };
      const ours = (input: tf.Tensor, ...[w1, b1, w2, b2]: tf.Tensor[]): tf.Tensor => {
        const inputs = { x: input, w1: w1!, b1: b1!, w2: w2!, b2: b2! };
        return runKernel(addRelu, { a: input, b: runKernels(squeezeExcite, inputs, {})[0]! }, {});
      };
      const gradients = (f: typeof ours): tf.Tensor[] =>
        tf.grads((...args) => f(...(args as [tf.Tensor, ...tf.Tensor[]])))([x(), ...parameters], dy);
      const expected = gradients(plain);
      for (const [i, actual] of gradients(ours).entries())
        expectAllClose(actual.dataSync(), expected[i]!.dataSync(), { atol: 5e-6, rtol: 5e-5 });
    });
  });
});
