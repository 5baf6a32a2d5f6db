import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../decode/decode-image.js";
import { resize } from "../resize/resize.js";
import { shrinkImage } from "./shrink-image.js";

const options = { shortEdge: 100, quality: 90, filter: "bilinear", autoOrient: false } as const;
const fixture = (name: string): Promise<Uint8Array> =>
  readFile(join(import.meta.dirname, "../../fixtures", name));

/** An image of a smooth gradient. */
function gradient(width: number, height: number) {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    data.set([(255 * (i % width)) / width, (255 * Math.floor(i / width)) / height, 128], i * 3);
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

describe("shrinkImage", () => {
  it.each([
    [640, 427, 149, 100], // 100 * 640 / 427 = 149.88, cut as torchvision does
    [427, 640, 100, 149],
    [300, 300, 100, 100],
    [101, 2000, 100, 1980],
  ])("makes %dx%d into %dx%d", async (width, height, newWidth, newHeight) => {
    const small = await shrinkImage(await gradient(width, height).png().toBuffer(), options);
    expect(await sharp(small).metadata()).toMatchObject({
      ...{ format: "jpeg", width: newWidth, height: newHeight, chromaSubsampling: "4:2:0" },
    });
  });

  it("encodes the pixels of this package's own resize", async () => {
    const png = await gradient(320, 200).png().toBuffer();
    const { data, width, height } = resize(await decodeImage(png), { width: 160, height: 100 });
    const expected = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 90, chromaSubsampling: "4:2:0" })
      .toBuffer();
    expect(Buffer.from(await shrinkImage(png, options)).equals(expected)).toBe(true);
  });

  it("keeps a small JPEG byte for byte, and makes other small images into JPEGs of the same size", async () => {
    const jpeg = await gradient(80, 300).jpeg().toBuffer();
    expect(await shrinkImage(jpeg, options)).toBe(jpeg);
    const png = await gradient(80, 300).png().toBuffer();
    expect(await sharp(await shrinkImage(png, options)).metadata()).toMatchObject({
      ...{ format: "jpeg", width: 80, height: 300 },
    });
  });

  it("turns an image by EXIF only when asked to, and then leaves no EXIF that turns it again", async () => {
    const turned = await fixture("orientation-6.jpg");
    const wide = { ...options, shortEdge: 2000 };
    expect(await shrinkImage(turned, wide)).toBe(turned);
    const upright = await shrinkImage(turned, { ...wide, autoOrient: true });
    const { width, height } = await decodeImage(turned);
    expect(await sharp(upright).metadata()).toMatchObject({ width: height, height: width });
    expect((await sharp(upright).metadata()).orientation).toBeUndefined();
  });

  it.each([
    [90, 100, 160],
    [180, 160, 100],
  ] as const)("turns by %d degrees counter-clockwise", async (turn, width, height) => {
    // Red at the left, which comes to the bottom by a quarter turn and to the right by a half.
    const left = await sharp({ create: { width: 80, height: 100, channels: 3, background: "red" } })
      .extend({ right: 80, background: "blue" })
      .jpeg()
      .toBuffer();
    const image = await decodeImage(await shrinkImage(left, { ...options, turn }));
    expect(image).toMatchObject({ width, height });
    const [x, y] = turn === 90 ? [50, 150] : [150, 50];
    const at = (y * width + x) * 3;
    expect(image.data[at]).toBeGreaterThan(240);
    expect(image.data[at + 2]).toBeLessThan(15);
  });

  it.each(["truncated.jpg", "empty.jpg", "text.jpg"])("refuses %s, small as it may be", async (name) => {
    await expect(shrinkImage(await fixture(name), { ...options, shortEdge: 5000 })).rejects.toThrow(
      /expected an image/,
    );
  });
});
