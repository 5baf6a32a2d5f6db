import * as tf from "@tensorflow/tfjs";
import { afterEach, describe, expect, it, test } from "vitest";
import { type Batch, batchTensors, groups, type ImagesOnly, imageTensor } from "./batch.js";

const backend = (): { takesBytes?: boolean } => tf.backend() as { takesBytes?: boolean };
const batch = { images: Uint8Array.from({ length: 256 * 3 }, (_, i) => i), size: 2, height: 8, width: 16 };

afterEach(() => {
  delete backend().takesBytes;
});

test("bytes become byte / 255, in host memory and on a backend that takes bytes alike", async () => {
  await tf.setBackend("cpu");
  const expected = Array.from(batch.images, (byte) => Math.fround(byte / 255));
  const before = tf.memory().numTensors;
  const tensors = [imageTensor(batch)];
  backend().takesBytes = true;
  tensors.push(imageTensor(batch));
  for (const tensor of tensors) {
    expect(tensor.shape).toEqual([2, 8, 16, 3]);
    expect([...tensor.dataSync()]).toEqual(expected);
  }
  expect(tf.memory().numTensors).toBe(before + 2);
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

describe("arrays of other kinds, as JavaScript may give them", () => {
  const floats = [0, 0.25, 1];
  const image = (images: unknown) => ({ images, size: 1, height: 1, width: 1 }) as unknown as ImagesOnly;

  it.each([
    ["Float64Array", Float64Array.from(floats), floats],
    ["Uint8ClampedArray", Uint8ClampedArray.of(0, 51, 255), [0, Math.fround(0.2), 1]],
    ["normalised floats", Float32Array.of(-2.1, 0, 2.6), [-2.1, 0, 2.6].map(Math.fround)],
  ])("images: %s is converted", (_, images, expected) => {
    const tensor = imageTensor(image(images));
    expect([...tensor.dataSync()]).toEqual(expected);
    tensor.dispose();
  });

  it.each([
    ["Uint16Array", Uint16Array.of(0, 1, 65535), "got Uint16Array. Divide 16-bit images by 65535"],
    ["BigInt64Array", BigInt64Array.of(0n, 1n, 2n), "got BigInt64Array"],
    ["a plain list", floats, "got Array"],
    ["floats that go to 255", Float32Array.of(0, 3, 200.5), "got 200.5. Divide them by 255"],
  ])("images: %s is refused", (_, images, message) => {
    expect(() => imageTensor(image(images))).toThrow(message);
  });

  it.each([
    BigInt64Array.of(1n, 0n, -1n),
    Float64Array.of(1, 0, -1),
    Int32Array.of(1, 0, -1),
    Int16Array.of(1, 0, -1),
  ])("labels: %o are converted", (labels) => {
    const batch = { ...image(Uint8Array.of(1, 2, 3)), labels } as unknown as Batch;
    const tensors = batchTensors(batch, 3);
    expect([...tensors.labels.dataSync()]).toEqual([1, 0, -1]);
    tensors.images.dispose();
    tensors.labels.dispose();
  });
});
