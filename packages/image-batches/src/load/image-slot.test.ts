import { expect, it } from "vitest";
import { fillSlot } from "./image-slot.js";

it("turns each of the 256 levels into the float32 nearest to level / 255, at its place", () => {
  const image = Uint8Array.from({ length: 10 * 10 * 3 }, (_, i) => i % 256);
  const memory = new SharedArrayBuffer((2 + 300) * 4);
  fillSlot({ memory, dtype: "float32", start: 2 }, image);
  expect(new Float32Array(memory)).toEqual(
    Float32Array.of(0, 0, ...image.map(() => 0)).map((_, i) => (i < 2 ? 0 : image[i - 2]! / 255)),
  );
});
