import {
  ignore,
  negative,
  normalized,
  partialLoss,
  registerKernels,
  selective,
  type UnannotatedPolicy,
} from "@csl/partial-loss";
import { expectAllClose, expectNoLeak } from "@csl/test-support";
import { hasSoftwareGpu, noSoftwareGpu, useSoftwareGpu } from "@csl/test-support/software-gpu";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../start-engine.js";

if (!hasSoftwareGpu) console.log(`partial loss on webgpu: ${noSoftwareGpu}`);

const [rows, classes] = [7, 300];

/** Logits on a grid, so that many are equal, and labels of all three states. */
const batch = () => {
  const grid = Float32Array.from({ length: rows * classes }, (_, i) => (((i * 7919) % 41) - 20) / 3);
  const states = Float32Array.from({ length: rows * classes }, (_, i) =>
    (i * 104729) % 7 === 0 ? 1 : (i % 5) - 1 > 0 ? -1 : (i % 5) - 1,
  );
  return { logits: tf.tensor2d(grid, [rows, classes]), labels: tf.tensor2d(states, [rows, classes]) };
};
const prior = Float32Array.from({ length: classes }, (_, c) => (c % 9) / 10);
const own: UnannotatedPolicy = { ...ignore(), name: "of your own" };

const cases: Record<string, Parameters<typeof partialLoss>[2]> = {
  negative: { unannotated: negative() },
  ignore: { unannotated: ignore(), reduction: "annotated-mean" },
  "normalized, proportion": { unannotated: normalized() },
  "normalized, reference": { unannotated: normalized({ scheme: "reference" }), reduction: "mean" },
  "selective, batch": { unannotated: selective({ topK: 13, prior }) },
  "selective, batch, a large pool": { unannotated: selective({ topK: 200 }) },
  "selective, sample": {
    unannotated: selective({ topK: 13, topKScope: "sample", prior, spareIgnored: true }),
  },
  "clip, odd gammas": {
    clip: 0.05,
    gamma: { positive: 0.5, negative: 3, unannotated: 9 },
    unannotated: selective(),
  },
  "focus gradient": {
    focusGradient: true,
    clip: 0.1,
    alpha: { positive: 2, negative: 0.5, unannotated: 0.25 },
  },
  "a policy of your own": { unannotated: own },
  "weights of classes": {
    unannotated: selective({ topK: 13, prior }),
    classWeights: Float32Array.from({ length: classes }, (_, c) => (c % 7) / 3),
    reduction: "mean",
  },
};

/** Loss and gradient on a backend. */
async function on(backend: string, options: Parameters<typeof partialLoss>[2]): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const { value, grad } = tf.tidy(() => {
    const { logits, labels } = batch();
    return tf.valueAndGrad((x: tf.Tensor) => partialLoss(x, labels, { ...options, validate: false }))(logits);
  });
  const values = [await value.data<"float32">(), await grad.data<"float32">()];
  tf.dispose([value, grad]);
  return values;
}

describe.skipIf(!hasSoftwareGpu)("partial loss on webgpu", () => {
  beforeAll(async () => {
    useSoftwareGpu();
    await startEngine({ prefer: "webgpu" });
    registerKernels("cpu");
  });

  test.each(Object.keys(cases))("%s: loss and gradient as on cpu", async (name) => {
    const expected = await on("cpu", cases[name]);
    await expectNoLeak(async () => {
      const actual = await on("webgpu", cases[name]);
      for (const [i, values] of expected.entries())
        expectAllClose(actual[i]!, values, { atol: 3e-6, rtol: 3e-6 });
    });
  });

  test.each(["int32", "bool"] as const)("labels of type %s", async (dtype) => {
    const gradient = async (type: "float32" | "int32" | "bool"): Promise<Float32Array> => {
      await tf.setBackend("webgpu");
      const result = tf.tidy(() => {
        const { logits } = batch();
        const labels = tf.cast(tf.greater(logits, 0), type);
        return tf.grad((x: tf.Tensor) => partialLoss(x, labels))(logits);
      });
      const values = await result.data<"float32">();
      result.dispose();
      return values;
    };
    expect(await gradient(dtype)).toEqual(await gradient("float32"));
  });
});
