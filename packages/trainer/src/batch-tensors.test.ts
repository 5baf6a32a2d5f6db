import * as tf from "@tensorflow/tfjs";
import { afterEach, expect, test } from "vitest";
import { imageTensor } from "./batch-tensors.js";

const backend = (): { takesBytes?: boolean } => tf.backend() as { takesBytes?: boolean };
const batch = { images: Uint8Array.from({ length: 256 * 3 }, (_, i) => i), size: 2, height: 8, width: 16 };

afterEach(() => {
  delete backend().takesBytes;
});

test("bytes become byte / 255, in host memory and on a backend that takes bytes alike", async () => {
  await tf.setBackend("cpu");
  const expected = Array.from(batch.images, (byte) => Math.fround(byte / 255));
  const tensors = [imageTensor(batch)];
  backend().takesBytes = true;
  tensors.push(imageTensor(batch));
  for (const tensor of tensors) {
    expect(tensor.shape).toEqual([2, 8, 16, 3]);
    expect([...tensor.dataSync()]).toEqual(expected);
  }
  expect(tf.memory().numTensors).toBe(2);
  tf.dispose(tensors);
});
