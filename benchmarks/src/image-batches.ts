/**
 * Pictures per second of @csl/image-batches (decode + exact resize into uint8 batches) with 0, 1 and 2 workers,
 * beside Pillow on 1 and 2 threads in the same run, and of later epochs from the memory cache.
 *
 *   pnpm --filter @csl/benchmarks image-batches            48 drawn JPEGs of 640x480
 *   CSL_PYTHON=/path/to/python pnpm … image-batches        a python that has Pillow (default: python3)
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createImageLoader, type ImageLoaderOptions } from "@csl/image-batches";
import { mulberry32 } from "@csl/labels";
import sharp from "sharp";

const COUNT = 48;
const ROUNDS = 5;
const SIZES = [448, 224];

/** Gradients, edges and noise of σ ≈ 4, so that the entropy of the JPEGs (about 90 kB) is that of photographs. */
async function drawPictures(folder: string): Promise<string[]> {
  const width = 640;
  const height = 480;
  const paths: string[] = [];
  for (let n = 0; n < COUNT; n++) {
    const random = mulberry32(n + 1);
    const data = new Uint8ClampedArray(width * height * 3);
    for (let i = 0; i < data.length; i++) {
      const x = Math.floor(i / 3) % width;
      const y = Math.floor(i / 3 / width);
      const edges = Math.sin(x / (9 + n)) * Math.cos(y / 13) > 0.2 ? 60 : 0;
      const noise = (random() + random() + random() - 1.5) * 8;
      data[i] = 60 + edges + (x * (1 + (i % 3))) / 12 + y / 6 + noise;
    }
    const path = join(folder, `${n}.jpg`);
    await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 92 })
      .toFile(path);
    paths.push(path);
  }
  return paths;
}

/** The best of several epochs, in pictures per second; the first, which starts the threads, does not count. */
async function ours(paths: string[], options: Partial<ImageLoaderOptions>, size: number): Promise<number> {
  const loader = createImageLoader(paths, { batchSize: 16, size, ...options });
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    for await (const batch of loader.epoch(round)) if (batch.size === 0) throw new Error("an empty batch");
    if (round > 0) best = Math.min(best, performance.now() - start);
  }
  await loader.close();
  return (paths.length * 1000) / best;
}

const PILLOW = `
import sys, time, json
from concurrent.futures import ThreadPoolExecutor
from PIL import Image
size, threads, rounds, paths = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
def load(path):
    return len(Image.open(path).convert("RGB").resize((size, size), Image.BILINEAR).tobytes())
best = 1e9
with ThreadPoolExecutor(threads) as pool:
    for _ in range(rounds + 1):
        start = time.perf_counter()
        list(pool.map(load, paths))
        best = min(best, time.perf_counter() - start)
print(json.dumps(len(paths) / best))
`;

async function pillow(paths: string[], size: number, threads: number): Promise<number | undefined> {
  const args = ["-c", PILLOW, String(size), String(threads), String(ROUNDS), ...paths];
  try {
    const { stdout } = await promisify(execFile)(process.env.CSL_PYTHON ?? "python3", args);
    return JSON.parse(stdout) as number;
  } catch {
    return undefined;
  }
}

const folder = await mkdtemp(join(tmpdir(), "image-batches-"));
try {
  const paths = await drawPictures(folder);
  const rows: [string, (size: number) => Promise<number | undefined>][] = [
    ["Pillow, 1 thread", (size) => pillow(paths, size, 1)],
    ["Pillow, 2 threads", (size) => pillow(paths, size, 2)],
    ["in-process (workers 0)", (size) => ours(paths, { workers: 0 }, size)],
    ["1 worker", (size) => ours(paths, { workers: 1 }, size)],
    ["2 workers", (size) => ours(paths, { workers: 2 }, size)],
    ["2 workers, augment reference", (size) => ours(paths, { workers: 2, augment: "reference" }, size)],
    ["memory cache", (size) => ours(paths, { workers: 0, cache: "memory" }, size)],
    [
      "memory cache, 2 workers, augment reference",
      (size) => ours(paths, { workers: 2, cache: "memory", augment: "reference" }, size),
    ],
  ];
  console.log(`Pictures per second, ${COUNT} JPEGs of 640x480; in brackets: times Pillow on 1 thread`);
  console.log(`| | ${SIZES.map((size) => `→ ${size}`).join(" | ")} |`);
  console.log(`|---|${SIZES.map(() => "---|").join("")}`);
  const base = new Map<number, number | undefined>();
  for (const [name, measure] of rows) {
    const cells: string[] = [];
    for (const size of SIZES) {
      const rate = await measure(size);
      if (!base.has(size)) base.set(size, rate);
      const ratio = rate && base.get(size) ? ` (${(rate / base.get(size)!).toFixed(2)})` : "";
      cells.push(rate ? `${rate.toFixed(0)}${ratio}` : "not found");
    }
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
} finally {
  await rm(folder, { recursive: true });
}
