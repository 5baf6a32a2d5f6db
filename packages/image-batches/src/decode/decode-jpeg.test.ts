import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { threadKernels } from "../kernels/kernels.js";
import { decodeJpeg } from "./decode-jpeg.js";

// sharp is libjpeg-turbo; what Pillow gives is in pillow.test.ts. Tolerance: none.

const folder = join(import.meta.dirname, "../../fixtures");
const kernels = threadKernels()!;

async function bySharp(file: Uint8Array): Promise<Uint8Array> {
  const decoder = sharp(file, { ignoreIcc: true, failOn: "truncated" });
  return new Uint8Array(await decoder.toColourspace("srgb").raw().toBuffer());
}

function noise(width: number, height: number, seed: number): Sharp {
  const random = mulberry32(seed);
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => 90 + 60 * Math.sin(i / 50) + 100 * random(),
  );
  return sharp(data, { raw: { width, height, channels: 3 } });
}

describe("decodeJpeg", () => {
  const cases = ["4:2:0", "4:4:4", "grey"].flatMap((chroma) =>
    [1, 40, 85, 100].map((quality): [string, number] => [chroma, quality]),
  );
  it.each(cases)("equals libjpeg-turbo at every size: %s, quality %d", async (chroma, quality) => {
    for (let round = 0; round < 12; round++) {
      const width = 5 + ((round * 7 + quality) % 45);
      const height = 1 + ((round * 11 + quality) % 40);
      const drawn = noise(width, height, round + 1);
      const options = { quality, optimiseCoding: round % 2 === 0 };
      const file =
        chroma === "grey"
          ? await drawn.toColourspace("b-w").jpeg(options).toBuffer()
          : await drawn.jpeg({ ...options, chromaSubsampling: chroma }).toBuffer();
      const decoded = decodeJpeg(file, kernels);
      expect([decoded?.width, decoded?.height]).toEqual([width, height]);
      const samples = Buffer.from(decoded!.data);
      expect(samples.equals(await bySharp(file)), `${width}x${height}`).toBe(true);
    }
  });

  it("leaves kinds that it does not read to the general decoder", async () => {
    const drawn = noise(40, 30, 1);
    for (const file of [
      await drawn.clone().jpeg({ progressive: true }).toBuffer(),
      await drawn.clone().png().toBuffer(),
      readFileSync(join(folder, "cmyk.jpg")),
      readFileSync(join(folder, "text.jpg")),
      new Uint8Array(0),
    ]) {
      expect(decodeJpeg(file, kernels)).toBeUndefined();
    }
  });

  // An image of 8x8 with the given segments before its scan; bits of ones code a level, then "end of block".
  const segment = (marker: number, data: number[]): number[] => [255, marker, 0, data.length + 2, ...data];
  const ones = (count: number): number[] => Array<number>(count).fill(1);
  const small = (sampling: number, counts: number[], ids: number[], first: number[] = []): Uint8Array =>
    Uint8Array.from([
      ...[255, 0xd8, ...first],
      ...segment(0xdb, [0, ...ones(64)]),
      ...segment(0xc4, [0, ...counts, 7, 5]),
      ...segment(0xc4, [16, 1, ...Array<number>(15).fill(0), 0]),
      ...segment(0xc0, [8, 0, 8, 0, 8, ids.length, ...ids.flatMap((id) => [id, sampling, 0])]),
      ...segment(0xda, [ids.length, ...ids.flatMap((id) => [id, 0]), 0, 63, 0]),
      ...[0b01100000, 0b01011000, 0b00011001, 0x10, 255, 0xd9],
    ]);
  const sound = [0, 2, ...Array<number>(14).fill(0)];
  const jfif = [..."JFIF\0"].map((letter) => letter.charCodeAt(0));

  it.each([
    ["a sampling of 0", small(0x01, sound, [1])],
    ["a sampling of 5", small(0x15, sound, [1])],
    ["a code that is all ones", small(0x11, [2, ...Array<number>(15).fill(0)], [1])],
  ])("does not read %s, which libjpeg refuses", async (_, file) => {
    await expect(bySharp(file)).rejects.toThrow();
    expect(decodeJpeg(file, kernels)).toBeUndefined();
    expect(decodeJpeg(small(0x11, sound, [1]), kernels)).toBeDefined();
  });

  it("takes three components called R, G, B for what libjpeg does: a JFIF marker cut short does not count", async () => {
    const rgb = [82, 71, 66];
    const whole = small(0x11, sound, rgb, segment(0xe0, [...jfif, 1, 1, 0, 0, 1, 0, 1, 0, 0]));
    expect(Buffer.from(decodeJpeg(whole, kernels)!.data).equals(await bySharp(whole))).toBe(true);
    const short = small(0x11, sound, rgb, segment(0xe0, jfif));
    expect(await bySharp(short)).not.toEqual(await bySharp(whole));
    expect(decodeJpeg(short, kernels)).toBeUndefined();
  });

  it("accepts nothing that is cut short, at any length", () => {
    const file = readFileSync(join(folder, "420.jpg"));
    for (let length = 0; length < file.length - 1; length += 7) {
      expect(decodeJpeg(file.subarray(0, length), kernels), `${length} bytes`).toBeUndefined();
    }
  });

  it("either gives up on a damaged file or reads what libjpeg reads", async () => {
    const random = mulberry32(7);
    const files = readdirSync(folder).filter((name) => /^4..\.jpg$/.test(name));
    let read = 0;
    for (let round = 0; round < 150; round++) {
      const file = new Uint8Array(readFileSync(join(folder, files[round % files.length]!)));
      for (let i = 0; i < 1 + (round % 3); i++) {
        file[Math.floor(random() * file.length)] = Math.floor(random() * 256);
      }
      const decoded = decodeJpeg(file, kernels);
      if (!decoded) continue;
      read++;
      const samples = Buffer.from(decoded.data);
      expect(samples.equals(await bySharp(file)), `round ${round}`).toBe(true);
    }
    expect(read).toBeGreaterThan(20);
  });
});
