/**
 * Images per second of @csl/image-batches beside torchvision's DataLoader with as many workers doing the same work
 * in the same run: decode, resize, the reference's Cutout and RandAugment, batches of 16.
 *
 *   pnpm --filter @csl/benchmarks image-batches --python /path/to/python
 *       a python with torch, torchvision and Pillow (default: CSL_PYTHON or python3; without them only ours run)
 *   … --workers 2 --rounds 5 --plain
 *       --plain also compares decode and resize alone, with Pillow on as many threads
 *
 * `uint8` ends in torchvision's PILToTensor, `float32` in its ToTensor (what the reference uses).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createImageLoader, type ImageLoaderOptions } from "@csl/image-batches";
import { startPythonReader } from "../python/python-reader.js";
import { drawPhotos } from "./draw-photos.js";
import { type Contestant, runContest } from "./image-contest.js";

const { values } = parseArgs({
  options: {
    python: { type: "string", default: process.env.CSL_PYTHON ?? "python3" },
    workers: { type: "string", default: "2" },
    rounds: { type: "string", default: "5" },
    plain: { type: "boolean", default: false },
  },
});
const workers = Number(values.workers);
const rounds = Number(values.rounds);
const DISTINCT = 32;
const REPEATS = 4;
const CASES = [
  { width: 640, height: 480, size: 448 },
  { width: 341, height: 256, size: 224 },
];

/** The first epoch starts the threads and fills the cache: it is run but not counted. */
async function ours(name: string, paths: string[], options: ImageLoaderOptions): Promise<Contestant> {
  const loader = createImageLoader(paths, { ...options, batchSize: 16 });
  let epoch = 0;
  const run: Contestant["run"] = async () => {
    const start = performance.now();
    const before = process.cpuUsage();
    for await (const batch of loader.epoch(epoch++)) if (batch.size === 0) throw new Error("an empty batch");
    const { user, system } = process.cpuUsage(before);
    return { wall: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6 };
  };
  await run();
  return { name, run, close: () => loader.close() };
}

async function python(name: string, args: (string | number)[]): Promise<Contestant[]> {
  const reader = await startPythonReader(values.python, args.map(String));
  return reader ? [{ name: `${name} (${reader.versions})`, run: reader.run, close: reader.close }] : [];
}

const folder = await mkdtemp(join(tmpdir(), "image-batches-"));
try {
  for (const { width, height, size } of CASES) {
    const drawn = await drawPhotos(folder, { width, height, count: DISTINCT });
    const paths = Array.from({ length: REPEATS }, () => drawn).flat();
    const images = paths.length;
    const title = `${width}x${height} → ${size}, ${workers} workers`;
    for (const dtype of ["uint8", "float32"] as const) {
      const base = { size, batchSize: 16, workers, dtype };
      const contestants = [
        ...(await python("DataLoader", [size, workers, dtype, "reference", "loader", ...paths])),
        await ours("@csl/image-batches", paths, { ...base, augment: "reference" }),
        await ours("the same, cache: memory", paths, { ...base, augment: "reference", cache: "memory" }),
      ];
      await runContest(`${title}, augmented, ${dtype}`, contestants, { images, rounds });
    }
    if (!values.plain) continue;
    const contestants = [
      ...(await python("Pillow threads", [size, workers, "uint8", "none", "threads", ...paths])),
      ...(await python("DataLoader", [size, workers, "uint8", "none", "loader", ...paths])),
      await ours("@csl/image-batches", paths, { size, batchSize: 16, workers }),
      await ours("the same, in-process", paths, { size, batchSize: 16, workers: 0 }),
    ];
    await runContest(`${title}, decode and resize`, contestants, { images, rounds });
  }
} finally {
  await rm(folder, { recursive: true });
}
