/**
 * CPU milliseconds of every step of the image path on one thread: the kernels where the pipeline has the image
 * (in their memory), and the plain TypeScript that they replace; decoding beside sharp.
 *
 *   pnpm --filter @csl/benchmarks image-stages
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cutout, randAugment, randAugmentOps, resize } from "@csl/image-batches";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import sharp from "sharp";
// The inner functions, which the package does not export.
import { decodeJpeg } from "../../../packages/image-batches/src/decode/decode-jpeg.js";
import { threadKernels, withoutKernels } from "../../../packages/image-batches/src/kernels/kernels.js";
import { drawPhotos } from "./draw-photos.js";

const RUNS = 24;
const CASES = [
  { width: 640, height: 480, size: 448 },
  { width: 341, height: 256, size: 224 },
];

/** The least of three rounds, in milliseconds per run; the first round warms up. */
function cpu(run: (i: number) => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < RUNS; i++) run(i);
    const { user, system } = process.cpuUsage(before);
    if (round > 0) best = Math.min(best, (user + system) / 1e3 / RUNS);
  }
  return best;
}

async function cpuOfSharp(file: Uint8Array): Promise<number> {
  sharp.concurrency(1);
  sharp.cache(false);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < RUNS; i++) {
      await sharp(file, { ignoreIcc: true, failOn: "truncated" }).toColourspace("srgb").raw().toBuffer();
    }
    const { user, system } = process.cpuUsage(before);
    if (round > 0) best = Math.min(best, (user + system) / 1e3 / RUNS);
  }
  return best;
}

const kernels = threadKernels();
if (!kernels) throw new Error("image-batches-stages: expected WebAssembly with SIMD, got none");
const folder = await mkdtemp(join(tmpdir(), "image-stages-"));
try {
  for (const { width, height, size } of CASES) {
    const [path] = await drawPhotos(folder, { width, height, count: 1 });
    const file = new Uint8Array(await readFile(path!));
    const decoded = decodeJpeg(file, kernels)!;
    const plain = { ...decoded, data: decoded.data.slice() };
    const square = resize(plain, { width: size, height: size });
    // A copy in goes with every step, as the input is overwritten; it is measured and taken off.
    const enter = (image: typeof square): typeof square => ({ ...image, data: kernels.enter(image.data)! });
    const copyIn = cpu(() => enter(square));
    const rows: [string, number, number][] = [
      ["decode (plain: sharp)", cpu(() => decodeJpeg(file, kernels)), await cpuOfSharp(file)],
      [
        "resize",
        cpu(() => resize(enter(plain), { width: size, height: size })) - cpu(() => enter(plain)),
        cpu(() => withoutKernels(() => resize(plain, { width: size, height: size }))),
      ],
      [
        "Cutout",
        cpu((i) => cutout(enter(square), { random: mulberry32(i) })) - copyIn,
        cpu((i) => withoutKernels(() => cutout(square, { random: mulberry32(i) }))),
      ],
    ];
    for (const [name, op] of Object.entries(randAugmentOps)) {
      const amount = op.amounts[5]!;
      rows.push([
        name,
        cpu((i) => op.apply(enter(square), amount, mulberry32(i))) - copyIn,
        cpu((i) => withoutKernels(() => op.apply(square, amount, mulberry32(i)))),
      ]);
    }
    rows.push([
      "RandAugment, mean",
      cpu((i) => randAugment(enter(square), { random: mulberry32(i) })) - copyIn,
      cpu((i) => withoutKernels(() => randAugment(square, { random: mulberry32(i) }))),
    ]);
    const batch = new Uint8Array(new SharedArrayBuffer(square.data.length));
    const last = enter(square).data;
    rows.push(["copy into the batch", cpu(() => batch.set(last)), cpu(() => batch.set(square.data))]);
    console.log(`\n| ${width}x${height} → ${size}, CPU ms | kernels | plain |\n|---|---|---|`);
    for (const [name, fast, plain] of rows)
      console.log(`| ${name} | ${fast.toFixed(3)} | ${plain.toFixed(3)} |`);
  }
} finally {
  await rm(folder, { recursive: true });
}
