import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync, gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createImageLoader } from "../load/image-loader.js";
import { decodeImage, MAX_PIXELS } from "./decode-image.js";
import { imageFormat, rasterFormats } from "./image-format.js";

const svg = (content: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">${content}</svg>`;
/** A filter whose drawing takes minutes. */
const slow = svg(
  '<filter id="f"><feTurbulence numOctaves="99999" baseFrequency="1"/></filter><rect width="64" height="64" filter="url(#f)"/>',
);

describe("files with the name of an image that hold something else", () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    ["an SVG", slow, /SVG, XML or HTML/],
    ["with white space before it", `\n\n  ${slow}`, /SVG/],
    ["with a byte order mark", `\ufeff${slow}`, /SVG/],
    ["in UTF-16", Buffer.from(`\ufeff${slow}`, "utf16le"), /SVG/],
    ["with a declaration", `<?xml version="1.0"?>${slow}`, /XML/],
    ["with a document type", `<!DOCTYPE svg>${slow}`, /SVG/],
    ["behind a comment", `<!-- ${"x".repeat(2000)} -->${slow}`, /SVG/],
    ["behind text", `text ${slow}`, /not an image format/],
    ["compressed", gzipSync(slow), /gzip/],
    [
      "behind the first bytes of a PNG",
      Buffer.concat([Buffer.from("\x89PNG", "latin1"), Buffer.from(slow)]),
      /not an image/,
    ],
    ["behind those of a GIF", `GIF8${slow}`, /not an image/],
    ["behind those of an AVIF", `0000ftyp${slow}`, /not an image/],
    ["behind those of a TIFF", Buffer.concat([Buffer.from("II*\0"), Buffer.from(slow)]), /./],
    ["behind those of a JPEG", Buffer.concat([Buffer.from([255, 216, 255]), Buffer.from(slow)]), /./],
    ["an SVG that reads another file", svg('<image href="/etc/passwd" width="9" height="9"/>'), /SVG/],
    [
      "XML whose entities multiply",
      '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><svg>&c;</svg>',
      /XML/,
    ],
    ["a page of a server", "<html>404</html>", /HTML/],
    ["a PDF", "%PDF-1.7\n", /PDF/],
    ["PostScript", "%!PS-Adobe-3.0 EPSF-3.0\n", /PostScript/],
    ["drawing commands", "push graphic-context\nviewbox 0 0 640 480\nimage over 0,0 0,0 'url:x'", /MVG/],
    ["a netpbm image", "P3\n1 1\n255\n0 0 0\n", /netpbm/],
    ["a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\n", /LFS/],
    ["a matrix of libvips", "2 2\n1 2\n3 4\n", /not an image/],
    ["a table", "1,2\n3,4\n", /not an image/],
  ])("%s", async (_, content, reason) => {
    const bytes = Buffer.from(content);
    const message = await decodeImage(bytes).then(String, (error: Error) => error.message);
    expect(message).toMatch(
      /^decodeImage: expected an image, got \d+ bytes: its content is .*not an image|damaged/,
    );
    expect(message).toMatch(reason);
  });

  it("each format that is read is told by what sharp writes", async () => {
    const image = sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } });
    for (const format of rasterFormats) {
      const options = format === "heif" ? { compression: "av1" as const } : {};
      const bytes = await image.clone().toFormat(format, options).toBuffer();
      expect(imageFormat(bytes)).toBe(format);
      expect(await decodeImage(bytes)).toMatchObject({ width: 8, height: 8 });
    }
  });
});

/** A PNG of one grey level with 1 bit a pixel: 16,000 × 16,000 of them take 31 kB. */
function bomb(width: number, height: number, more: Buffer[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc((1 + Math.ceil(width / 8)) * height), { level: 9 });
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    ...[chunk("IHDR", header), ...more, chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))],
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

describe("bombs", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "csl-bombs-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("more pixels than Pillow reads are refused before any is decoded", async () => {
    const side = Math.ceil(Math.sqrt(MAX_PIXELS));
    await expect(decodeImage(bomb(side, side))).rejects.toThrow(
      /its 13378 x 13378 pixels exceed the limit of 178,956,970\. Make it smaller/,
    );
    await expect(decodeImage(bomb(2 ** 24, 1))).rejects.toThrow(
      /16777216 x 1 pixels are more than 65535 on a side/,
    );
    const animation = Buffer.concat([
      Buffer.from("GIF89a\xff\xff\xff\xff\x00\x00\x00", "latin1"),
      Buffer.from("2c00000000ffffffff000002024401003b", "hex"),
    ]);
    await expect(decodeImage(animation)).rejects.toThrow(/65535 x 65535 pixels exceed|damaged/);
  });

  it("a GIF's frame that promises more pixels than its bytes can hold is refused before any is decoded", async () => {
    const large = { create: { width: 3000, height: 2000, channels: 3, background: "red" } } as const;
    const gif = await sharp(large).gif().toBuffer();
    expect(await decodeImage(gif)).toMatchObject({ width: 3000, height: 2000 }); // one colour: the longest codes
    const frame = gif.indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 0xb8, 0x0b, 0xd0, 0x07]));
    const promises = (width: number, height: number): Buffer => {
      const changed = Buffer.from(gif);
      changed.writeUInt16LE(width, frame + 5);
      changed.writeUInt16LE(height, frame + 7);
      return changed;
    };
    await expect(decodeImage(promises(45_217, 2465))).rejects.toThrow(
      /45217 x 2465 pixels are more than its bytes can hold/,
    );
    await expect(decodeImage(promises(65_535, 65_535))).rejects.toThrow(/65535 x 65535 pixels exceed/);
  });

  it("text and a colour profile that inflate to gigabytes are left alone", async () => {
    const zeros = deflateSync(Buffer.alloc(64 * 2 ** 20), { level: 9 });
    const text = chunk("zTXt", Buffer.concat([Buffer.from("Comment\0\0"), zeros]));
    const profile = chunk("iCCP", Buffer.concat([Buffer.from("icc\0\0"), zeros]));
    const before = process.memoryUsage().rss;
    const image = await decodeImage(bomb(8, 8, [profile, ...Array.from({ length: 16 }, () => text)]));
    expect(image).toMatchObject({ width: 8, height: 8 });
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20);
  });

  it("large images on several threads take turns, and their batches are those of one thread", async () => {
    const paths: string[] = [];
    for (const [i, side] of [3000, 3200, 3400, 64].entries()) {
      paths.push(join(folder, `${i}.png`));
      await writeFile(paths[i]!, bomb(side, side));
    }
    const loader = createImageLoader(paths, { size: 8, batchSize: 4, workers: 3 });
    for await (const { size } of loader.epoch()) expect(size).toBe(4);
    expect(loader.unreadable).toEqual([]);
    expect(loader.stats.incidents).toEqual([]);
    await loader.close();
  });

  it("a decoder that takes more than its time loses its image, and its thread is replaced", async () => {
    const [good, large] = [join(import.meta.dirname, "../../fixtures/420.jpg"), join(folder, "large.png")];
    await writeFile(large, bomb(6000, 6000));
    const options = { size: 8, batchSize: 1, decodeTimeout: 1 } as const;
    for (const workers of [0, 1]) {
      const loader = createImageLoader([good, large, good, good], { ...options, workers });
      const read: number[] = [];
      for await (const { indices } of loader.epoch()) read.push(...indices);
      expect(read).toEqual([0, 2, 3]);
      const reason = expect.stringContaining("large.png: decoding it took more than 0.001 s");
      expect(loader.unreadable).toEqual([{ path: large, reason }]);
      expect(loader.stats.incidents).toHaveLength(workers);
      await loader.close();
      expect(loader.threadsLeft).toBe(0);
    }
  });
});
