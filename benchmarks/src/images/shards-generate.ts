/**
 * WebDataset shards with any number of images, for the other shard benchmarks. A few drawn JPEGs are repeated under
 * different keys (16 hexadecimal digits, as OpenImages has), each with a .json of labels; the same arguments give the
 * same bytes.
 *
 *   pnpm --filter @csl/benchmarks shards-generate --folder /tmp/shards --images 100000 --width 16 --height 16
 */
import { readdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { createShardWriter } from "@csl/image-batches";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import sharp from "sharp";

export type GenerateOptions = {
  images: number;
  width: number;
  height: number;
  /** Different JPEGs. */
  distinct?: number;
  /** Samples in a shard. */
  perShard?: number;
};

/** Fills `folder` with shards; leaves it as it is when it has as many as it would get. */
export async function generateShards(
  folder: string,
  { images, width, height, distinct = 64, perShard = 10_000 }: GenerateOptions,
): Promise<void> {
  const there = await readdir(folder).catch(() => []);
  if (there.filter((name) => name.endsWith(".tar")).length === Math.ceil(images / perShard)) return;
  const jpegs = await Promise.all(
    Array.from({ length: Math.min(distinct, images) }, (_, n) => drawJpeg(n, width, height)),
  );
  const writer = createShardWriter(folder, { prefix: "images", maxSamples: perShard, maxBytes: 2 ** 40 });
  const random = mulberry32(1);
  const word = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  for (let i = 0; i < images; i++) {
    await writer.add(word() + word(), { jpg: jpegs[i % jpegs.length]!, json: { positives: [i % 80] } });
  }
  await writer.close();
}

/** Gradients, edges and noise of σ ≈ 4, so that the entropy is that of photographs. */
async function drawJpeg(n: number, width: number, height: number): Promise<Uint8Array> {
  const random = mulberry32(n + 1);
  const data = new Uint8ClampedArray(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    const edges = Math.sin(x / (9 + n)) * Math.cos(y / 13) > 0.2 ? 60 : 0;
    data[i] = 60 + edges + (x * (1 + (i % 3))) / 12 + y / 6 + (random() + random() + random() - 1.5) * 8;
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      folder: { type: "string" },
      images: { type: "string", default: "10000" },
      width: { type: "string", default: "341" },
      height: { type: "string", default: "256" },
      distinct: { type: "string", default: "64" },
      "per-shard": { type: "string", default: "10000" },
    },
  });
  if (!values.folder) throw new Error("shards-generate: expected --folder, got none.");
  const start = performance.now();
  await generateShards(values.folder, {
    images: Number(values.images),
    width: Number(values.width),
    height: Number(values.height),
    distinct: Number(values.distinct),
    perShard: Number(values["per-shard"]),
  });
  console.log(
    `${values.images} images in ${values.folder}: ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
}
