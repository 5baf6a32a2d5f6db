import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Image } from "../image.js";
import { decodeImage } from "./decode-image.js";

// Golden values: what Pillow makes of 64 awkward files (tooling/reference/awkward_images.py). Tolerance: none, but
// for the four below.

type Golden = { width: number; height: number; hash: string } | { error: string };

const folder = join(import.meta.dirname, "../../awkward/fixtures");
const golden = JSON.parse(readFileSync(join(folder, "awkward.json"), "utf8")) as Record<string, Golden>;

/** What each file is refused with; Pillow refuses the same ones. */
const refusals: Record<string, RegExp> = {
  "no-end-marker.jpg": /premature end/,
  "truncated-half.jpg": /premature end/,
  "truncated-header.jpg": /premature end/,
  "truncated-one-byte.jpg": /not an image format/,
  "empty.jpg": /the file is empty/,
  "zeros.jpg": /not an image format/,
  "text.jpg": /not an image format/,
  "claims-60000x60000.png": /exceed the limit/,
  "claims-65500x65500.jpg": /exceed the limit/,
  "truncated.png": /read error/,
};
const different = ["grey-16.png", "transparent.gif", "photo.avif", "photo.bmp"];

const open = (name: string): Promise<Image> => decodeImage(join(folder, name));
const summary = ({ data, width, height }: Image): Golden => ({
  width,
  height,
  hash: createHash("sha256").update(data).digest("hex").slice(0, 16),
});
const isRefused = ([, expected]: [string, Golden]): boolean => "error" in expected;

describe("awkward images equal Pillow's", () => {
  const same = Object.entries(golden).filter((entry) => !isRefused(entry) && !different.includes(entry[0]));

  it("are at least 30", () => expect(same.length).toBeGreaterThanOrEqual(30));

  it.each(same)("%s", async (name, expected) => expect(summary(await open(name))).toEqual(expected));
});

describe("awkward images that Pillow refuses are refused with a reason", () => {
  it("are those that we know", () => {
    const refused = Object.entries(golden).filter(isRefused);
    expect(refused.map(([name]) => name).sort()).toEqual(Object.keys(refusals).sort());
  });

  it.each(Object.entries(refusals))("%s: %s", async (name, reason) => {
    const message = await open(name).then(
      () => "it was read",
      (error: Error) => error.message,
    );
    expect(message).toMatch(/^decodeImage: expected an image, got /);
    expect(message).toMatch(reason);
  });
});

describe("where we differ from Pillow", () => {
  const pillows = (name: string): Promise<Image> => open(`expected/${name}.png`);

  it("16-bit grey is scaled; Pillow clips at 255", async () => {
    const [ours, theirs] = [await open("grey-16.png"), await pillows("grey-16.png")];
    // Every sample is level * 257 and no level is 0, so all of Pillow's are clipped.
    expect(theirs.data.every((level) => level === 255)).toBe(true);
    expect(ours.data.some((level) => level < 200)).toBe(true);
  });

  it("transparent pixels of a GIF are black; Pillow keeps their colour", async () => {
    const [ours, theirs] = [await open("transparent.gif"), await pillows("transparent.gif")];
    let black = 0;
    for (let i = 0; i < ours.data.length; i += 3) {
      const pixel = ours.data.subarray(i, i + 3).join();
      if (pixel === theirs.data.subarray(i, i + 3).join()) continue;
      expect(pixel).toBe("0,0,0");
      black++;
    }
    expect(black).toBeGreaterThan(0);
  });

  it("AVIF's chroma is converted by another library: at most 3 levels apart", async () => {
    const [ours, theirs] = [await open("photo.avif"), await pillows("photo.avif")];
    const apart = ours.data.reduce((most, level, i) => Math.max(most, Math.abs(level - theirs.data[i]!)), 0);
    expect(apart).toBeLessThanOrEqual(3);
  });

  it("BMP is refused", async () => {
    await expect(open("photo.bmp")).rejects.toThrow(/photo\.bmp: its content is a BMP, not an image format/);
  });
});
