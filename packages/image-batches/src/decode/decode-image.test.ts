import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeImage } from "./decode-image.js";

const file = (name: string): string => join(import.meta.dirname, "../../fixtures", name);

// What the pixels must be is in pillow.test.ts.
describe("decodeImage", () => {
  it("reads bytes as it reads a path", async () => {
    const bytes = await readFile(file("420.jpg"));
    expect(await decodeImage(bytes)).toEqual(await decodeImage(file("420.jpg")));
  });

  it("gives each of several calls at once its own image, though all decode into the same memory", async () => {
    const sources = ["420.jpg", "orientation-6.jpg", "422.jpg", "444.jpg", "rgb.png"].map(file);
    const alone = [];
    for (const source of sources) alone.push(await decodeImage(source));
    expect(await Promise.all(sources.map((source) => decodeImage(source)))).toEqual(alone);
    const bytes = await Promise.all(sources.map((source) => readFile(source)));
    expect(await Promise.all(bytes.map((source) => decodeImage(source)))).toEqual(alone);
  });

  it("turns by EXIF orientation only when asked: 6 is a quarter turn clockwise", async () => {
    const plain = await decodeImage(file("orientation-6.jpg"));
    const turned = await decodeImage(file("orientation-6.jpg"), { autoOrient: true });
    expect([plain.width, plain.height]).toEqual([97, 73]);
    expect([turned.width, turned.height]).toEqual([73, 97]);
    // The top left pixel goes to the top right corner.
    expect(turned.data.slice(72 * 3, 73 * 3)).toEqual(plain.data.slice(0, 3));
  });

  it("scales 16-bit grey to 8 bits, where Pillow clips: the image is its own 8-bit luma", async () => {
    const { data, width, height } = await decodeImage(file("grey-16.png"));
    const rgb = await decodeImage(file("rgb.png"));
    expect([width, height]).toEqual([48, 36]);
    for (let i = 0; i < data.length; i += 3) {
      const luma = (rgb.data[i]! * 19595 + rgb.data[i + 1]! * 38470 + rgb.data[i + 2]! * 7471 + 0x8000) >> 16;
      // The file holds luma * 257; sharp drops or rounds the low byte, which may be one level.
      expect(Math.abs(data[i]! - luma)).toBeLessThanOrEqual(1);
    }
  });

  it.each([
    ["text.jpg", /text\.jpg: its content is not an image format that is read/],
    ["empty.jpg", /empty\.jpg: .*(empty|not an image format)/i],
    ["truncated.jpg", /truncated\.jpg: .*premature end/i],
    ["missing.jpg", /missing\.jpg: .*missing/i],
  ])("says what is wrong with %s", async (name, message) => {
    await expect(decodeImage(file(name))).rejects.toThrow(/^decodeImage: expected an image, got /);
    await expect(decodeImage(file(name))).rejects.toThrow(message);
  });

  it("says so for bytes that are no image", async () => {
    await expect(decodeImage(Buffer.from("hello, world"))).rejects.toThrow("got 12 bytes: its content is no");
  });
});
