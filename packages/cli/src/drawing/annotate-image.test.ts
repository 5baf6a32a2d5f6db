import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { annotateImage } from "./annotate-image.js";
import { registerFonts } from "./fonts.js";

const grey = { data: new Uint8Array(64 * 64 * 3).fill(128), width: 64, height: 64 };

describe("annotateImage", () => {
  it("draws a PNG as large as the enlarged image and its panel, with a bar as long as the score", async () => {
    const png = await annotateImage(grey, [{ name: "cat", score: 0.5 }]);
    const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([360 + 300, 360]);
    const pixel = (x: number, y: number): number[] => [
      ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
    ];
    const bar = 300 - 36;
    // The bar starts at 378, lies 17 to 22 below the row's top of 48; blue up to half of its track, grey after.
    expect(pixel(378 + bar / 2 - 4, 67)).toEqual([0x2f, 0x6f, 0xb7]);
    expect(pixel(378 + bar / 2 + 4, 67)).toEqual([0xe8, 0xea, 0xed]);
  });

  it("grows with the number of tags", async () => {
    const tags = Array.from({ length: 20 }, (_, i) => ({
      name: `class ${i}`,
      score: i / 20,
      truth: i % 2 === 0,
    }));
    const { height } = await sharp(await annotateImage(grey, tags)).metadata();
    expect(height).toBe(20 * 30 + 30 + 56);
  });
});

describe("registerFonts", () => {
  const columnsOf = async (content: string): Promise<number> => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="20"><text x="2" y="15" font-family="DejaVu Sans" font-size="13">${content}</text></svg>`;
    const { info } = await sharp(Buffer.from(svg)).trim().toBuffer({ resolveWithObject: true });
    return info.width;
  };

  it("draws letters, not boxes: an i is narrower than an m", async () => {
    await registerFonts();
    expect(await columnsOf("mmmm")).toBeGreaterThan(2 * (await columnsOf("iiii")));
  });
});
