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
const ROUNDS = 7;
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

/** Seconds on the clock and seconds of all cores together; the second says more on a machine that others use. */
type Cost = { wall: number; cpu: number };

/** One way to read the pictures. `run` reads them all once, `best` is the least of each so far. */
type Contestant = {
  name: string;
  size: number;
  run: () => Promise<Cost>;
  close: () => Promise<void>;
  best: Cost;
};

const worst = (): Cost => ({ wall: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY });

/** The first epoch starts the threads and fills the cache: it is run but not counted. */
async function ours(
  name: string,
  paths: string[],
  size: number,
  options: Partial<ImageLoaderOptions>,
): Promise<Contestant> {
  const loader = createImageLoader(paths, { batchSize: 16, size, ...options });
  let epoch = 0;
  const run = async (): Promise<Cost> => {
    const start = performance.now();
    const before = process.cpuUsage();
    for await (const batch of loader.epoch(epoch++)) if (batch.size === 0) throw new Error("an empty batch");
    const { user, system } = process.cpuUsage(before);
    return { wall: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6 };
  };
  await run();
  return { name, size, run, close: () => loader.close(), best: worst() };
}

const PILLOW = `
import sys, time
from concurrent.futures import ThreadPoolExecutor
from PIL import Image
size, threads, paths = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
def load(path):
    return len(Image.open(path).convert("RGB").resize((size, size), Image.BILINEAR).tobytes())
with ThreadPoolExecutor(threads) as pool:
    list(pool.map(load, paths))
    start, before = time.perf_counter(), time.process_time()
    list(pool.map(load, paths))
    print(time.perf_counter() - start, time.process_time() - before)
`;

/** Undefined where there is no Pillow. */
async function pillow(paths: string[], size: number, threads: number): Promise<Contestant | undefined> {
  const run = async (): Promise<Cost> => {
    const args = ["-c", PILLOW, String(size), String(threads), ...paths];
    const { stdout } = await promisify(execFile)(process.env.CSL_PYTHON ?? "python3", args);
    const [wall, cpu] = stdout.trim().split(" ").map(Number);
    return { wall: wall!, cpu: cpu! };
  };
  const name = `Pillow, ${threads} thread${threads > 1 ? "s" : ""}`;
  const found = await run().catch(() => undefined);
  return found ? { name, size, run, close: async () => {}, best: worst() } : undefined;
}

const variants: [string, Partial<ImageLoaderOptions>][] = [
  ["in-process (workers 0)", { workers: 0 }],
  ["1 worker", { workers: 1 }],
  ["2 workers", { workers: 2 }],
  ["2 workers, augment reference", { workers: 2, augment: "reference" }],
  ["memory cache", { workers: 0, cache: "memory" }],
  ["memory cache, 2 workers, augment reference", { workers: 2, cache: "memory", augment: "reference" }],
];

const folder = await mkdtemp(join(tmpdir(), "image-batches-"));
try {
  const paths = await drawPictures(folder);
  const contestants: Contestant[] = [];
  for (const size of SIZES) {
    for (const threads of [1, 2]) {
      const found = await pillow(paths, size, threads);
      if (found) contestants.push(found);
    }
    for (const [name, options] of variants) contestants.push(await ours(name, paths, size, options));
  }
  // In turns, so that what else the machine does hits all of them.
  for (let round = 0; round < ROUNDS; round++) {
    for (const contestant of contestants) {
      const { wall, cpu } = await contestant.run();
      const { best } = contestant;
      contestant.best = { wall: Math.min(best.wall, wall), cpu: Math.min(best.cpu, cpu) };
    }
  }
  await Promise.all(contestants.map((contestant) => contestant.close()));

  console.log(`${COUNT} JPEGs of 640x480; in brackets: times the first row`);
  const heads = SIZES.flatMap((size) => [`→ ${size}: pictures/s`, "CPU ms/picture"]);
  console.log(`| | ${heads.join(" | ")} |`);
  console.log(`|---|${heads.map(() => "---|").join("")}`);
  const ofSize = SIZES.map((size) => contestants.filter((contestant) => contestant.size === size));
  ofSize[0]!.forEach(({ name }, row) => {
    const cells = ofSize.flatMap((column) => {
      const { wall, cpu } = column[row]!.best;
      const first = column[0]!.best;
      return [
        `${(COUNT / wall).toFixed(0)} (${(first.wall / wall).toFixed(2)})`,
        `${((cpu * 1000) / COUNT).toFixed(2)} (${(cpu / first.cpu).toFixed(2)})`,
      ];
    });
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  });
} finally {
  await rm(folder, { recursive: true });
}
