/**
 * Images per second of `prepareShards` (decode, shorter side to 256 as Pillow resizes, JPEG, shard) beside Pillow and
 * sharp doing the same on as many threads, in turns in one run.
 *
 *   pnpm --filter @csl/benchmarks prepare-shards --python /path/to/python --workers 2 --rounds 5
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { type ImageList, prepareShards } from "@csl/image-batches";
import sharp from "sharp";
import { drawPhotos } from "./draw-photos.js";
import { type Contestant, type Cost, runContest } from "./image-contest.js";

const { values } = parseArgs({
  options: {
    python: { type: "string", default: process.env.CSL_PYTHON ?? "python3" },
    workers: { type: "string", default: "2" },
    rounds: { type: "string", default: "5" },
  },
});
const workers = Number(values.workers);
const DISTINCT = 32;
const COPIES = 24;
const SHORT_EDGE = 256;
const images = DISTINCT * COPIES;

async function measured(work: () => Promise<unknown>): Promise<Cost> {
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6 };
}

/** Every file several times, under names that differ. */
function repeated(paths: readonly string[]): ImageList {
  return {
    length: paths.length * COPIES,
    at: (i) => paths[i % paths.length]!,
    nameAt: (i) => `${String(i).padStart(6, "0")}.jpg`,
  };
}

function ours(name: string, paths: readonly string[], folder: string, threads: number): Contestant {
  const options = { shortEdge: SHORT_EDGE, workers: threads, resume: false };
  return {
    name,
    run: () => measured(() => prepareShards(repeated(paths), join(folder, "ours"), options)),
    close: async () => {},
  };
}

/** sharp's own resize: another filter and a shifted image where a side grows, but what people would write. */
function bySharp(paths: readonly string[], folder: string): Contestant {
  const run = (): Promise<Cost> =>
    measured(async () => {
      let next = 0;
      const lane = async (): Promise<void> => {
        for (let i = next++; i < images; i = next++) {
          const jpeg = sharp(paths[i % paths.length]!)
            .resize({ width: SHORT_EDGE, height: SHORT_EDGE, fit: "outside", kernel: "linear" })
            .jpeg({ quality: 90, chromaSubsampling: "4:2:0" });
          await writeFile(join(folder, `${i % 8}.jpg`), await jpeg.toBuffer());
        }
      };
      await Promise.all(Array.from({ length: workers }, lane));
    });
  return { name: "sharp, files", run, close: async () => {} };
}

async function pillow(paths: readonly string[], folder: string): Promise<Contestant[]> {
  const script = join(import.meta.dirname, "../../python/prepare.py");
  const call = async (files: readonly string[], copies: number): Promise<string[]> => {
    const args = [script, SHORT_EDGE, workers, copies, folder, ...files].map(String);
    return (await promisify(execFile)(values.python, args)).stdout.trim().split("\t");
  };
  try {
    const [version] = await call(paths.slice(0, 1), 1);
    const run = async (): Promise<Cost> => {
      const [, wall, cpu] = (await call(paths, COPIES)).map(Number);
      return { wall: wall!, cpu: cpu! };
    };
    return [{ name: `${version}, ${workers} threads`, run, close: async () => {} }];
  } catch (error) {
    console.error(`${values.python}: ${(error as Error).message.split("\n")[0]}`);
    return [];
  }
}

const folder = await mkdtemp(join(tmpdir(), "prepare-"));
try {
  for (const [width, height] of [
    [640, 480],
    [1024, 768],
  ] as const) {
    const paths = await drawPhotos(folder, { width, height, count: DISTINCT });
    const contestants = [
      ...(await pillow(paths, folder)),
      bySharp(paths, folder),
      ours(`prepareShards, ${workers} workers`, paths, folder, workers),
      ours("prepareShards, in-process", paths, folder, 0),
    ];
    const rounds = Number(values.rounds);
    await runContest(`${width}x${height} → short edge ${SHORT_EDGE}`, contestants, { images, rounds });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
