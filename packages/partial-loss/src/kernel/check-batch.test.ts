import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { asymmetricLossSingleLabel, checkBatch, focalLoss, partialLoss, roleLoss } from "../index.js";

const logits = () => tf.tensor2d([0.5, -1, 2, 3], [2, 2]);
const labels = (last = 1) => tf.tensor2d([1, 0, -1, last], [2, 2]);

describe("checkBatch", () => {
  beforeAll(() => tf.setBackend("cpu"));

  it("passes what the losses take, and keeps no tensor", async () => {
    const [x, y] = [logits(), labels()];
    const { numTensors } = tf.memory();
    await checkBatch(x, y);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it.each([
    ["a label", logits(), labels(2), /^checkBatch: expected labels 1 .*got 2 at \[1, 1\]/],
    [
      "a logit",
      tf.tensor2d([1, 2, Number.NaN, 4], [2, 2]),
      labels(),
      /^checkBatch: expected finite logits, got NaN at \[1, 0\]/,
    ],
    [
      "a shape",
      logits(),
      tf.zeros([2, 3]),
      /checkBatch: expected .* labels of the logits' shape \[2,2\], got .*\[2,3\]/,
    ],
  ])("refuses %s as the losses do", async (_, x, y, message) => {
    await expect(checkBatch(x, y)).rejects.toThrow(message);
  });
});

describe("on WebGPU in Node, which gives values later", () => {
  beforeAll(async () => {
    // By its name; no value can be wrong here.
    tf.copyRegisteredKernels("cpu", "webgpu");
    tf.registerBackend("webgpu", tf.findBackendFactory("cpu"));
    await tf.setBackend("webgpu");
  });

  const losses = {
    partialLoss: (validate?: boolean) => partialLoss(logits(), labels(), { ...(validate && { validate }) }),
    focalLoss: (validate?: boolean) => focalLoss(logits(), labels(), { ...(validate && { validate }) }),
    roleLoss: (validate?: boolean) =>
      roleLoss(logits(), labels(), {
        estimates: logits(),
        expectedPositives: 1,
        ...(validate && { validate }),
      }),
    asymmetricLossSingleLabel: (validate?: boolean) =>
      asymmetricLossSingleLabel(logits(), tf.tensor1d([0, 1], "int32"), { ...(validate && { validate }) }),
  };

  it.each(Object.entries(losses))("%s computes, and refuses validate with the way out", (name, loss) => {
    expect(Number.isFinite(loss().arraySync())).toBe(true);
    expect(() => loss(true)).toThrow(
      `${name}: expected a backend that gives values at once for validate: true, got webgpu, which gives them later. ` +
        "Leave validate out, and check a batch before by await checkBatch(logits, labels).",
    );
  });
});
