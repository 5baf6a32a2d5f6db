import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { createTResNet, registerKernels, type TResNetOptions } from "../index.js";
import { neededKernels } from "./needed-kernels.js";

const variant = {
  layers: [1, 1, 1, 1],
  width: 0.125,
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
} as const;

async function kernelsOf(training: boolean): Promise<string[]> {
  const used = new Set<string>();
  for (const head of ["linear", "bottleneck", "ml-decoder"] as const) {
    const decoder = head === "ml-decoder" && { decoder: { embedding: 16 } };
    const model = createTResNet({ variant, numClasses: 2, head, ...decoder } as TResNetOptions);
    const images = tf.zeros<tf.Rank.R4>([2, 32, 32, 3]);
    const { kernelNames } = await tf.profile(() => {
      const sum = () => tf.sum(model.forward(images, { training })) as tf.Scalar;
      if (training) tf.dispose(tf.variableGrads(sum));
      return training ? tf.scalar(0) : model.forward(images);
    });
    for (const name of kernelNames) if (/^(?!Csl)\w+$/.test(name)) used.add(name);
    model.dispose();
    images.dispose();
  }
  return [...used].sort();
}

describe("the kernels that a network needs", () => {
  beforeAll(async () => {
    await tf.setBackend("cpu");
    registerKernels("cpu", { form: "composed" });
  });

  it.each([
    ["inference", false],
    ["training", true],
  ] as const)("for %s are those that its composed form runs", async (purpose, training) => {
    expect(await kernelsOf(training)).toEqual(neededKernels[purpose]);
  });

  it("a backend that lacks some says which, before the first step", async () => {
    await tf.setBackend("wasm");
    const model = createTResNet({ variant, numClasses: 2 });
    const images = tf.zeros<tf.Rank.R4>([2, 32, 32, 3]);
    expect(() => model.forward(images, { training: true })).toThrow(
      /^tresnet: expected a backend with all kernels for training, got wasm without Conv2DBackpropFilter\. Start it by startEngine of @csl\/engine/,
    );
    expect(model.trainedBatches).toBe(0);
    expect(model.forward(images).shape).toEqual([2, 2]);
  });
});
