import { CslPartialLoss } from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { useBackend } from "../../test/backends.js";
import { partialLoss } from "../partial-loss.js";
import { selective } from "../policies/selective.js";
import { registerKernels } from "./register-kernels.js";

test("registering again keeps a kernel that is there, such as a backend's own", async () => {
  await useBackend("cpu");
  registerKernels();
  const first = tf.getKernel(CslPartialLoss, "cpu");
  registerKernels();
  registerKernels("cpu");
  expect(tf.getKernel(CslPartialLoss, "cpu")).toBe(first);
  registerKernels("cpu", { form: "composed" });
  expect(tf.getKernel(CslPartialLoss, "cpu")).not.toBe(first);
  registerKernels("cpu", { form: "values" });
});

test("a native kernel gets the stated inputs and attributes, and its outputs are the loss and the gradient", async () => {
  await useBackend("cpu");
  tf.unregisterKernel(CslPartialLoss, "cpu");
  let seen: { inputs: object; attrs: Record<string, unknown> } | undefined;
  tf.registerKernel({
    kernelName: CslPartialLoss,
    backendName: "cpu",
    kernelFunc: ({ inputs, attrs }) => {
      seen = { inputs, attrs: attrs as unknown as Record<string, unknown> };
      return [tf.scalar(7), tf.fill([1, 2], 3)];
    },
  });
  try {
    const unannotated = selective({ topK: 2, prior: [0.1, 0.2] });
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
      partialLoss(x, tf.zeros([1, 2]), { unannotated }),
    )(tf.zeros([1, 2]));
    expect([value.dataSync()[0], ...grad.dataSync()]).toEqual([7, 3, 3]);
    expect(Object.keys(seen!.inputs).sort()).toEqual(["labels", "logits", "prior"]);
    expect(seen!.attrs).toMatchObject({
      gamma: { positive: 0, negative: 1, unannotated: 2 },
      alpha: { positive: 1, negative: 1, unannotated: 1 },
      clip: 0,
      reduction: "sum",
      focusGradient: false,
      policy: {
        name: "selective",
        settings: { topK: 2, topKScope: "batch", priorThreshold: 0.5, spareIgnored: false },
      },
    });
  } finally {
    tf.unregisterKernel(CslPartialLoss, "cpu");
  }
});

test("tensors that live on another backend are brought over", async () => {
  await useBackend("cpu");
  const x = tf.tensor2d([[1, -1]]);
  const y = tf.tensor2d([[1, 0]]);
  const expected = partialLoss(x, y).dataSync()[0];
  await useBackend("wasm", "values");
  expect(partialLoss(x, y).dataSync()[0]).toBe(expected);
});

test("the plain form needs memory it can reach", () => {
  expect(() => registerKernels("webgl", { form: "values" })).toThrow('got "values" on webgl');
});
