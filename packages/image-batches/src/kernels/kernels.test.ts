import { join } from "node:path";
// @ts-expect-error: a script without types
import { sourceDigest } from "@csl/assemblyscript/source-digest";
import type { Filter } from "@csl/internal/images/resample-table";
import { mulberry32, type Random } from "@csl/internal/random/mulberry32";
import { describe, expect, it, vi } from "vitest";
import { randAugmentOps } from "../augment/rand-augment-ops.js";
import type { Image } from "../image.js";
import { resize } from "../resize/resize.js";
import { compiledFrom } from "./compiled-kernels.js";
import { threadKernels, withoutKernels } from "./kernels.js";

const below = (random: Random, limit: number): number => Math.floor(random() * limit);

/** Noise, two levels, or flat with a box of noise: the flat parts take other ways through the kernels. */
function randomImage(random: Random, width: number, height: number): Image {
  const kind = below(random, 3);
  const level = below(random, 256);
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    if (kind === 0) return below(random, 256);
    if (kind === 1) return below(random, 2) * 255;
    return Math.floor(i / 3) % width < width / 2 ? level : below(random, 256);
  });
  return { data, width, height };
}

/** Whether two images have the same samples. (toEqual looks at each of them for microseconds.) */
const same = (a: Image, b: Image): boolean =>
  a.width === b.width && a.height === b.height && Buffer.compare(a.data, b.data) === 0;

/** The same image in the kernels' memory, where the pipeline has it. */
const inside = (image: Image): Image => ({ ...image, data: threadKernels()!.enter(image.data)! });

it("is compiled from assembly/ as it stands", () => {
  expect(compiledFrom, "run `node tooling/assemblyscript/build.mjs image-batches`").toBe(
    sourceDigest(join(import.meta.dirname, "../../assembly")),
  );
});

it.each([
  ["no WebAssembly", undefined],
  ["no SIMD", { validate: (): boolean => false }],
  [
    "no room",
    {
      ...{ validate: (): boolean => true, Module: class {} },
      Instance: class {
        constructor() {
          throw new RangeError("Out of memory: Cannot allocate Wasm memory for new instance");
        }
      },
    },
  ],
])("are done without where there is %s", async (_, replacement) => {
  vi.resetModules();
  vi.stubGlobal("WebAssembly", replacement);
  const fresh = await import("./kernels.js");
  expect(fresh.threadKernels()).toBeUndefined();
  expect(fresh.threadKernels()).toBeUndefined();
  vi.unstubAllGlobals();
});

// The plain functions are what pillow.test.ts stands on as well: tolerance none.
describe("kernels equal plain TypeScript", () => {
  it.each(Object.entries(randAugmentOps))("%s", (_, op) => {
    const random = mulberry32(1);
    for (let round = 0; round < 30; round++) {
      const image = randomImage(random, 1 + below(random, 70), 1 + below(random, 50));
      const amount = op.amounts[below(random, 10)]! * (op.signed && random() < 0.5 ? -1 : 1);
      const expected = withoutKernels(() => op.apply(image, amount, mulberry32(round)));
      const named = `${image.width}x${image.height}, amount ${amount}`;
      expect(same(op.apply(image, amount, mulberry32(round)), expected), named).toBe(true);
      expect(same(op.apply(inside(image), amount, mulberry32(round)), expected), named).toBe(true);
    }
  });

  it.each(["bilinear", "bicubic"] satisfies Filter[])("resize, %s", (filter) => {
    const random = mulberry32(2);
    for (let round = 0; round < 40; round++) {
      const image = randomImage(random, 1 + below(random, 120), 1 + below(random, 90));
      // Now and then down to next to nothing: many taps.
      const limit = round % 5 === 0 ? 3 : 150;
      const size = { width: 1 + below(random, limit), height: 1 + below(random, limit), filter };
      const expected = withoutKernels(() => resize(image, size));
      expect(resize(image, size), `${image.width}x${image.height} to ${JSON.stringify(size)}`).toEqual(
        expected,
      );
      expect(resize(inside(image), size).data.slice()).toEqual(expected.data);
    }
  });

  it("a strip of 20,000 pixels", () => {
    const image = randomImage(mulberry32(3), 20_000, 2);
    const size = { width: 5, height: 7 };
    const expected = withoutKernels(() => resize(image, size));
    expect(same(resize(image, size), expected)).toBe(true);
  });
});

it("leaves an image that it was given as it was, and hands out no memory of its own", () => {
  const image = randomImage(mulberry32(4), 40, 30);
  const before = image.data.slice();
  for (const op of Object.values(randAugmentOps)) {
    const { data } = op.apply(image, op.amounts[5]!, mulberry32(1));
    expect(threadKernels()!.holds(data)).toBe(false);
  }
  expect(image.data).toEqual(before);
});
