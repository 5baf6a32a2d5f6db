import { expect, it } from "vitest";
import { BatchBuffer } from "./batch-buffer.js";

it("turns each of the 256 levels into the float32 nearest to level / 255", () => {
  const picture = Uint8Array.from({ length: 10 * 10 * 3 }, (_, i) => i % 256);
  const buffer = new BatchBuffer(1, 10, "float32");
  buffer.add(7, picture);
  expect(buffer.full).toBe(true);
  expect(buffer.finish().images).toEqual(Float32Array.from(picture, (level) => level / 255));
});

it("hands out a short batch with memory of its own", () => {
  const buffer = new BatchBuffer(5, 1, "uint8");
  buffer.add(3, Uint8Array.of(1, 2, 3));
  buffer.add(9, Uint8Array.of(4, 5, 6));
  const { images, indices, size } = buffer.finish();
  expect([size, ...indices, ...images]).toEqual([2, 3, 9, 1, 2, 3, 4, 5, 6]);
  expect(images.buffer.byteLength).toBe(6);
});
