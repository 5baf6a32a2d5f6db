/**
 * Memory over many epochs: the loader reads shards of tiny images, and the process's memory is printed after each
 * epoch. Ends with an error when the later epochs take more than the earlier ones.
 *
 *   pnpm --filter @csl/benchmarks shards-memory                                10 epochs of 100,000 images
 *   pnpm --filter @csl/benchmarks shards-memory --images 20000 --epochs 10   quicker
 *   … --keep                                                                  each batch the consumer's own (a copy)
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createImageLoader, openShards } from "@csl/image-batches";
import { generateShards } from "./shards-generate.js";

const { values } = parseArgs({
  options: {
    folder: { type: "string" },
    images: { type: "string", default: "100000" },
    epochs: { type: "string", default: "10" },
    workers: { type: "string", default: "2" },
    keep: { type: "boolean", default: false },
  },
});
const folder = values.folder ?? join(tmpdir(), `csl-shards-tiny-${values.images}`);
await generateShards(folder, { images: Number(values.images), width: 16, height: 16 });

const images = await openShards(folder);
const loader = createImageLoader(images, {
  size: 16,
  batchSize: 250,
  shuffle: true,
  augment: "reference",
  workers: Number(values.workers),
  reuse: !values.keep,
});
const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;
const resident: number[] = [];
console.log(`${images.length} images of 16x16, ${loader.workers} workers; memory in MB after each epoch`);
console.log(
  "| epoch | resident | heap used | array buffers | images/s | waited |\n|---|---|---|---|---|---|",
);
for (let epoch = 0; epoch < Number(values.epochs); epoch++) {
  const start = performance.now();
  const waited = loader.waitedSeconds;
  let seen = 0;
  for await (const batch of loader.epoch(epoch)) seen += batch.size;
  if (seen !== images.length) throw new Error(`expected ${images.length} images, got ${seen}`);
  const seconds = (performance.now() - start) / 1e3;
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  resident.push(rss);
  const cells = [epoch, megabytes(rss), megabytes(heapUsed), megabytes(arrayBuffers)];
  const share = ((loader.waitedSeconds - waited) / seconds) * 100;
  console.log(`| ${cells.join(" | ")} | ${Math.round(seen / seconds)} | ${share.toFixed(0)} % |`);
}
await loader.close();
// The first epochs warm up: code is compiled, heaps reach their size.
const half = Math.ceil(resident.length / 2);
const [early, late] = [Math.max(...resident.slice(1, half)), Math.max(...resident.slice(half))];
console.log(
  `most after epochs 1 to ${half - 1}: ${megabytes(early)} MB; after the later ones: ${megabytes(late)} MB`,
);
if (late > early * 1.1 + 5e6) throw new Error("the memory grows with the epochs");
