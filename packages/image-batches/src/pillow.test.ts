import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Filter } from "@csl/internal/images/resample-table";
import { describe, expect, it } from "vitest";
import { cutout, smallCutout } from "./augment/cutout.js";
import { randAugment } from "./augment/rand-augment.js";
import { type RandAugmentOpName, randAugmentOps } from "./augment/rand-augment-ops.js";
import { decodeImage } from "./decode/decode-image.js";
import type { Image } from "./image.js";
import { resize } from "./resize/resize.js";

// Golden values: what Pillow makes of the fixture images (tooling/reference/pillow.py). Tolerance: none.

type Golden = {
  decode: Record<string, { width: number; height: number; hash: string }>;
  resize: [file: string, width: number, height: number, filter: Filter, hash: string][];
  operations: Record<
    string,
    {
      ops: Record<string, string[]>;
      cutout: { x: number; y: number; colour: number[]; hash: string }[];
      box: { x: number; y: number; magnitude: number; hash: string }[];
    }
  >;
  policies: { ops: RandAugmentOpName[]; levels: number[]; signs: number[]; hash: string }[];
  real?: Record<string, Record<string, string>>;
};

const folder = resolve(import.meta.dirname, "../fixtures");
const golden = JSON.parse(readFileSync(join(folder, "pillow.json"), "utf8")) as Golden;
const realFolder =
  process.env.CSL_IMAGES ?? resolve(import.meta.dirname, "../../../../shared/fixtures/images");

const open = (name: string): Promise<Image> => decodeImage(join(folder, name));
const digest = ({ data }: Image): string => createHash("sha256").update(data).digest("hex").slice(0, 16);

/** A random source that makes the draws come out as the given (value, limit) pairs. */
function scripted(...draws: [value: number, limit: number][]): () => number {
  let next = 0;
  return () => {
    const [value, limit] = draws[next++]!;
    return (value + 0.5) / limit;
  };
}

describe("decodeImage equals Pillow", () => {
  it.each(Object.entries(golden.decode))("%s", async (name, expected) => {
    const image = await open(name);
    expect({ width: image.width, height: image.height, hash: digest(image) }).toEqual(expected);
  });
});

describe("resize equals Pillow", () => {
  it.each(golden.resize)("%s to %dx%d, %s", async (name, width, height, filter, hash) => {
    expect(digest(resize(await open(name), { width, height, filter }))).toBe(hash);
  });
});

describe.each(Object.entries(golden.operations))("operations on %s equal Pillow's", (name, expected) => {
  it.each(Object.entries(expected.ops))("%s at every magnitude and sign", async (opName, hashes) => {
    const op = randAugmentOps[opName as RandAugmentOpName];
    const image = await open(name);
    const signs = op.signed ? [1, -1] : [1];
    const actual = op.amounts.flatMap((amount) =>
      signs.map((sign) => digest(op.apply(image, amount * sign, Math.random))),
    );
    expect(actual).toEqual(hashes);
  });

  it("the reference's Cutout", async () => {
    const image = await open(name);
    for (const { x, y, colour, hash } of expected.cutout) {
      const random = scripted(
        [y, image.height],
        [x, image.width],
        ...colour.map((level): [number, number] => [level, 256]),
      );
      expect(digest(cutout(image, { random }))).toBe(hash);
    }
  });

  it("RandAugment's cutout", async () => {
    const image = await open(name);
    for (const { x, y, magnitude, hash } of expected.box) {
      const pixels = randAugmentOps.cutout.amounts[magnitude]!;
      expect(digest(smallCutout(image, pixels, scripted([x, image.width], [y, image.height])))).toBe(hash);
    }
  });
});

it.each(golden.policies)(
  "randAugment with $ops equals the same Pillow calls",
  async ({ ops, levels, signs, hash }) => {
    const names = Object.keys(randAugmentOps);
    const draws: [number, number][] = ops.flatMap((op, i): [number, number][] => [
      [names.indexOf(op), names.length],
      [levels[i]! - 1, 9],
    ]);
    for (const [i, op] of ops.entries()) {
      draws.push([0, 2]); // applied: below 0.5
      if (randAugmentOps[op].signed) draws.push([signs[i]! < 0 ? 0 : 1, 2]);
    }
    expect(digest(randAugment(await open("square.png"), { random: scripted(...draws) }))).toBe(hash);
  },
);

// The photographs themselves are not part of the repository; where they are available, they are checked too.
describe.skipIf(!existsSync(realFolder) || !golden.real)("real photographs", () => {
  it.each(Object.entries(golden.real ?? {}))("%s", async (name, { decoded, ...sizes }) => {
    const image = await decodeImage(join(realFolder, name));
    expect(digest(image)).toBe(decoded);
    for (const [key, hash] of Object.entries(sizes)) {
      const [side, filter] = key.split(" ") as [string, Filter];
      expect(digest(resize(image, { width: Number(side), height: Number(side), filter }))).toBe(hash);
    }
  });
});
