import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { decodeImage, resize } from "@csl/image-batches";
import type { Random } from "@csl/internal/random/mulberry32";
import sharp from "sharp";
import { fixture } from "../fixture.js";
import { mutate, pick } from "../mutate.js";
import type { FuzzTarget } from "../target.js";

/** Image files of every format that is read. Whole files first, then damaged ones: both decoders meet them. */
export const images: readonly FuzzTarget[] = [
  target("jpeg", ["420.jpg", "422.jpg", "grey.jpg", "progressive.jpg", "cmyk.jpg", "orientation-6.jpg"]),
  {
    ...target("png", ["palette.png", "one-bit.png", "grey-16.png", "rgba.png", "pixel.png"]),
    mutate: mutatePng,
  },
  target("gif", ["palette.gif"]),
  target("webp", ["photo.webp"]),
  { name: "tiff", samples: () => drawn("tiff"), read },
  { name: "avif", samples: () => drawn("avif"), read },
  {
    name: "not-images",
    samples: () => [readFileSync(fixture("image-batches", "pixel.png"))],
    read,
    mutate: (_, random) => Buffer.from(pick(random, disguises)),
  },
];

function target(name: string, fixtures: readonly string[]): FuzzTarget {
  return { name, samples: () => fixtures.map((file) => readFileSync(fixture("image-batches", file))), read };
}

async function read(input: Uint8Array): Promise<void> {
  const image = await decodeImage(input);
  resize(image, { width: 16, height: 16 });
  await decodeImage(input, { autoOrient: true });
}

async function drawn(format: "tiff" | "avif"): Promise<Buffer[]> {
  const image = sharp(fixture("image-batches", "rgba.png"));
  if (format === "avif") return [await image.avif({ effort: 0 }).toBuffer()];
  const options = [
    { compression: "none" },
    { compression: "lzw", predictor: "horizontal" },
    { compression: "deflate", tile: true, tileWidth: 16, tileHeight: 16 },
    { compression: "jpeg" },
  ] as const;
  return Promise.all(options.map((one) => image.clone().tiff(one).toBuffer()));
}

/** One chunk changed, its length and its sum put right. */
function mutatePng(sample: Uint8Array, random: Random): Buffer {
  const bytes = Buffer.from(sample);
  const chunks: { type: Buffer; data: Buffer }[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    chunks.push({ type: bytes.subarray(at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  const chosen = pick(random, chunks);
  chosen.data = mutate(chosen.data, random, { words: [], other: chosen.data });
  if (random() < 0.1) chunks.splice(0, 0, pick(random, chunks));
  return Buffer.concat([
    bytes.subarray(0, 8),
    ...chunks.flatMap(({ type, data }) => {
      const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
      length.writeUInt32BE(data.length);
      sum.writeUInt32BE(crc32(Buffer.concat([type, data])));
      return [length, type, data, sum];
    }),
  ]);
}

const turbulence =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9999" height="9999"><filter id="f"><feTurbulence numOctaves="9999" ' +
  'baseFrequency="1"/></filter><rect width="9999" height="9999" filter="url(#f)"/></svg>';
const disguises = [
  turbulence,
  `<?xml version="1.0"?>${turbulence}`,
  `\x89PNG${turbulence}`,
  `GIF89a${turbulence}`,
  `II*\0${turbulence}`,
  `0000ftypavif${turbulence}`,
  `\u00ff\u00d8\u00ff${turbulence}`,
  "%PDF-1.4\n",
  "%!PS\n",
  "push graphic-context\nimage over 0,0 9999,9999 'x'\n",
  "P6 99999 99999 255\n",
  "1 99999 99999\n",
  "VIPS",
];
