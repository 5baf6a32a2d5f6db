import * as tf from "@tensorflow/tfjs";
import { afterEach, expect, test } from "vitest";
import { groups, imageTensor } from "./batch.js";

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

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

test("groups of two, a shorter last one, the first items skipped", async () => {
  expect(await all(groups([1, 2, 3, 4, 5], { size: 2 }))).toEqual([[1, 2], [3, 4], [5]]);
  expect(await all(groups([1, 2, 3, 4, 5], { size: 2, skip: 2 }))).toEqual([[3, 4], [5]]);
  expect(await all(groups([1, 2], { size: 2, skip: 2 }))).toEqual([]);
});

test("leaving early closes the source", async () => {
  let closed = false;
  async function* source() {
    try {
      for (;;) yield 0;
    } finally {
      closed = true;
    }
  }
  for await (const _ of groups(source(), { size: 2 })) break;
  expect(closed).toBe(true);
});
