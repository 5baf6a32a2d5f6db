import { ignore, negative, normalized, partialLoss, registerKernels, selective } from "@csl/partial-loss";
import { expectAllClose, expectNoLeak } from "@csl/test-support";
import { partialLossBatch, partialLossCases } from "@csl/test-support/partial-loss-cases";
import { hasSoftwareGpu, noSoftwareGpu, useSoftwareGpu } from "@csl/test-support/software-gpu";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../start-engine.js";

if (!hasSoftwareGpu) console.log(`partial loss on webgpu: ${noSoftwareGpu}`);

const cases = partialLossCases({ negative, ignore, normalized, selective });

/** Loss and gradient on a backend. */
async function on(backend: string, options: Parameters<typeof partialLoss>[2]): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const { value, grad } = tf.tidy(() => {
    const { logits, labels } = partialLossBatch();
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
        const { logits } = partialLossBatch();
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
