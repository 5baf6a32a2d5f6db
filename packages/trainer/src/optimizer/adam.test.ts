import { readFileSync } from "node:fs";
import { CslAdam, CslAverage, CslNorm } from "@csl/internal/kernels/named-kernels";
import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { afterEach, describe, expect, test } from "vitest";
import { createAdam, decays } from "./adam.js";
import { createEma } from "./ema.js";
import { registerHostKernels } from "./host-kernels.js";
import { norm } from "./norm.js";
import { oneCycle } from "./one-cycle.js";

// tooling/reference/adam.py: torch.optim.Adam (coupled) and AdamW (decoupled) under OneCycleLR, 12 steps.
type Trace = { weight: number[][]; bias: number[][] };
const golden = JSON.parse(readFileSync(new URL("../../fixtures/adam.json", import.meta.url), "utf8")) as {
  maxLr: number;
  weightDecay: number;
  steps: number;
  weight: number[][];
  bias: number[];
  coupled: Trace;
  decoupled: Trace;
};

setThreadsCount(1);
afterEach(async () => {
  await tf.setBackend("cpu");
});

/** The generator's gradient: sin(3x + step) - 0.2 x. */
function makeGradient(value: tf.Tensor, step: number): tf.Tensor {
  return tf.tidy(() => tf.sub(tf.sin(tf.add(tf.mul(value, 3), step)), tf.mul(value, 0.2)));
}

async function run(decoupled: boolean, { withEma = false } = {}): Promise<Trace> {
  const weight = tf.tidy(() => tf.variable(tf.tensor2d(golden.weight)));
  const bias = tf.tidy(() => tf.variable(tf.tensor1d(golden.bias)));
  const parameters = new Map<string, tf.Variable>([
    ["fc.weight", weight],
    ["fc.bias", bias],
  ]);
  const adam = createAdam(parameters, { weightDecay: golden.weightDecay, decoupled });
  const ema = withEma ? createEma({ parameters: () => parameters, buffers: () => new Map() }) : undefined;
  const schedule = oneCycle({ maxLr: golden.maxLr, totalSteps: golden.steps });
  const trace: Trace = { weight: [], bias: [] };
  for (let step = 0; step < golden.steps; step++) {
    const gradients = new Map([...parameters].map(([key, value]) => [key, makeGradient(value, step)]));
    adam.apply(gradients, { ...schedule(step), ema });
    tf.dispose([...gradients.values()]);
    trace.weight.push([...(await weight.data())]);
    trace.bias.push([...(await bias.data())]);
  }
  adam.dispose();
  ema?.dispose();
  tf.dispose([weight, bias]);
  return trace;
}

describe.each(["cpu", "wasm"])("on %s", (backend) => {
  test.each([
    ["Adam with L2", false],
    ["AdamW", true],
  ])("%s follows torch's trace under one-cycle", async (_, decoupled) => {
    await tf.setBackend(backend);
    const trace = await run(decoupled);
    const expected = decoupled ? golden.decoupled : golden.coupled;
    // float32 of two libraries over twelve steps
    expectAllClose(trace.weight, expected.weight, { atol: 2e-6, rtol: 2e-6 });
    expectAllClose(trace.bias, expected.bias, { atol: 2e-6, rtol: 2e-6 });
  });

  test("twelve steps with averages leave no tensor behind", async () => {
    await tf.setBackend(backend);
    await expectNoLeak(() => run(true, { withEma: true }));
  });
});

test("the composed step for other backends gives the same numbers", async () => {
  registerHostKernels("cpu");
  const kernels = [CslAdam, CslAverage].map((name) => tf.getKernel(name, "cpu"));
  const names = { cpuWithoutKernel: "composed-cpu" };
  tf.registerBackend(names.cpuWithoutKernel, () => tf.findBackend("cpu"));
  tf.copyRegisteredKernels("cpu", names.cpuWithoutKernel);
  for (const kernel of kernels) tf.unregisterKernel(kernel.kernelName, names.cpuWithoutKernel);
  await tf.setBackend(names.cpuWithoutKernel);
  for (const decoupled of [false, true]) {
    const trace = await run(decoupled, { withEma: true });
    const expected = decoupled ? golden.decoupled : golden.coupled;
    expectAllClose(trace.weight, expected.weight, { atol: 2e-6, rtol: 2e-6 });
    expectAllClose(trace.bias, expected.bias, { atol: 2e-6, rtol: 2e-6 });
  }
});

test("a parameter without a gradient keeps its value, and its average still moves", async () => {
  const value = tf.variable(tf.tensor1d([4]));
  const parameters = new Map([["w", value]]);
  const adam = createAdam(parameters, { weightDecay: 1 });
  const ema = createEma({ parameters: () => parameters, buffers: () => new Map() }, { decay: 0.5 });
  value.assign(tf.tensor1d([8]));
  ema.update(adam.apply(new Map(), { lr: 1, beta1: 0.9, ema }));
  expect([...value.dataSync()]).toEqual([8]);
  expect([...ema.averages.get("w")!.dataSync()]).toEqual([6]); // 0.5 * 4 + 0.5 * 8
});

test("moments travel through state and load; foreign ones are refused", async () => {
  const parameters = new Map([["w", tf.variable(tf.tensor1d([1, 2]))]]);
  const adam = createAdam(parameters);
  adam.apply(new Map([["w", tf.tensor1d([1, -1])]]), { lr: 0.1, beta1: 0.9 });
  const state = await adam.state();
  // first step from zero: m = 0.1 g, v = 0.001 g²
  expectAllClose(state.moment1.get("w")!, [0.1, -0.1]);
  expectAllClose(state.moment2.get("w")!, [0.001, 0.001]);
  const other = createAdam(parameters);
  other.load(state);
  expect(await other.state()).toEqual(state);
  const narrow = createAdam(new Map([["w", tf.variable(tf.tensor1d([1]))]]));
  expect(() => narrow.load(state)).toThrow('expected moments of 1 numbers for "w", got 2 numbers');
});

test.each([
  ["body.conv1.0.weight", [3, 3, 48, 64], true],
  ["head.fc.weight", [2048, 80], true],
  ["body.conv1.1.weight", [64], false], // normalisation weight: a vector
  ["head.fc.bias", [80], false],
  ["body.layer1.0.se.fc1.bias", [1, 64], false], // by its name, whatever its shape
])("%s %j decays: %s", (key, shape, expected) => {
  expect(decays(key, shape)).toBe(expected);
});

test.each(["cpu", "wasm"])(
  "the norm on %s is the composed one's, and not finite where float32 is not",
  async (backend) => {
    await tf.setBackend(backend);
    const at = (values: number[]) =>
      tf.tidy(() => norm([tf.tensor1d([3, 0]), tf.tensor1d(values)]).dataSync()[0]);
    expect(at([4])).toBe(5); // 3² + 4² = 5²
    expect(at([12, 4, 0, 0, 0])).toBe(13);
    expect(at([1e20])).toBe(Number.POSITIVE_INFINITY);
    expect(at([Number.NaN])).toBeNaN();
    if (tf.getKernel(CslNorm, backend)) tf.unregisterKernel(CslNorm, backend);
    const composed = tf.tidy(
      () =>
        tf
          .sqrt(
            tf.addN(
              [
                [3, 0],
                [12, 4],
              ].map((x) => tf.sum(tf.square(x))),
            ),
          )
          .dataSync()[0],
    );
    expect(at([12, 4])).toBe(composed);
  },
);

test.each<[string, () => unknown]>([
  ["beta2", () => createAdam(new Map(), { beta2: 1 })],
  ["epsilon", () => createAdam(new Map(), { epsilon: 0 })],
  ["epsilon", () => createAdam(new Map(), { epsilon: 1e-60 })],
  ["weightDecay", () => createAdam(new Map(), { weightDecay: -1 })],
  ["lr", () => createAdam(new Map()).apply(new Map(), { lr: Number.NaN, beta1: 0.9 })],
  ["beta1", () => createAdam(new Map()).apply(new Map(), { lr: 1, beta1: 1 })],
  ["divFactor", () => oneCycle({ maxLr: 1, totalSteps: 2, divFactor: 0 })],
  ["finalDivFactor", () => oneCycle({ maxLr: 1, totalSteps: 2, finalDivFactor: -1 })],
  ["betaRange", () => oneCycle({ maxLr: 1, totalSteps: 2, betaRange: [0, 1] })],
])("%s outside its range is refused", (name, body) => {
  expect(body).toThrow(`expected ${name} to be a finite number`);
});
