import { resize } from "@csl/image-batches";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { squash } from "./raw-image.js";

it("squashes in a browser to the very samples of the training, alpha or not", () => {
  const side = fc.integer({ min: 1, max: 40 });
  void fc.assert(
    fc.property(side, side, side, fc.infiniteStream(fc.nat(255)), (width, height, size, stream) => {
      const data = Uint8Array.from(stream.take(width * height * 3));
      const rgba = new Uint8ClampedArray(width * height * 4).map((_, i) =>
        i % 4 === 3 ? 7 : data[(i >> 2) * 3 + (i % 4)]!,
      );
      const wanted = resize({ data, width, height }, { width: size, height: size }).data;
      expect(Buffer.compare(squash({ data, width, height }, size), wanted)).toBe(0);
      expect(Buffer.compare(squash({ data: rgba, width, height }, size), wanted)).toBe(0);
    }),
    { numRuns: 60 },
  );
});
