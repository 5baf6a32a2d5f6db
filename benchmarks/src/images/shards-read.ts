/**
 * What shards cost: reading the headers into an index, opening with the index, looking keys up, reading images by
 * position in shuffled order; beside Python's tarfile doing the first and the last on the same shards.
 *
 *   pnpm --filter @csl/benchmarks shards-read                         50,000 images of 341x256 in 5 shards, drawn
 *   pnpm --filter @csl/benchmarks shards-read --folder /data/shards   your own
 *   CSL_PYTHON=/path/to/python …                                      default: python3
 */
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { FileRanges, openShards } from "@csl/image-batches";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { shuffledIndices } from "@csl/internal/random/shuffled-indices";
import { generateShards } from "./shards-generate.js";

const { values } = parseArgs({
  options: { folder: { type: "string" }, images: { type: "string", default: "50000" } },
});
const folder = values.folder ?? join(tmpdir(), `csl-shards-${values.images}`);
if (!values.folder) await generateShards(folder, { images: Number(values.images), width: 341, height: 256 });

const rows: string[] = [];

/** Runs `work`, which says how many things it did, three times; the best counts. */
async function measure(name: string, unit: string, work: () => Promise<number>): Promise<void> {
  let [wall, cpu, count] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    const before = process.cpuUsage();
    count = await work();
    const { user, system } = process.cpuUsage(before);
    wall = Math.min(wall, (performance.now() - start) / 1e3);
    cpu = Math.min(cpu, (user + system) / 1e6);
  }
  row(name, unit, count, wall, cpu);
}

function row(name: string, unit: string, count: number, wall: number, cpu: number): void {
  const rate = (seconds: number): string => Math.round(count / seconds).toLocaleString("en-US");
  rows.push(`| ${name} | ${rate(wall)} ${unit}/s | ${rate(cpu)} ${unit}/CPU-s |`);
}

const PYTHON = `
import sys, time, tarfile
entries, read = 0, 0
start, before = time.perf_counter(), time.process_time()
for path in sys.argv[1:]:
    with tarfile.open(path) as tar:
        for member in tar: entries += 1
print(entries, time.perf_counter() - start, time.process_time() - before)
start, before = time.perf_counter(), time.process_time()
for path in sys.argv[1:]:
    with tarfile.open(path, "r|") as tar:
        for member in tar:
            data = tar.extractfile(member).read()
            read += member.name.endswith("jpg")
print(read, time.perf_counter() - start, time.process_time() - before)
`;

const set = await openShards(folder);
let entries = 0;
for (let i = 0; i < set.length; i++) entries += set.labelAt(i) ? 2 : 1;

await measure("index: headers of all entries", "entries", async () => {
  await openShards(folder, { keepIndex: false });
  return entries;
});
await measure("open with the index", "samples", async () => (await openShards(folder)).length);
await measure("look up every key (the table included)", "keys", async () => {
  const { keys, length } = await openShards(folder);
  for (let i = 0; i < length; i++) if (keys.indexOf(keys.at(i)) < 0) throw new Error("a key is not there");
  return length;
});
const order = shuffledIndices(set.length, mulberry32(1)).subarray(0, 20_000);
await measure("read images by position, shuffled, 4 at a time", "images", async () => {
  const ranges = new FileRanges();
  for (let i = 0; i < order.length; i += 4) {
    await Promise.all(Array.from(order.subarray(i, i + 4), (position) => ranges.read(set.at(position))));
  }
  ranges.close();
  return order.length;
});
try {
  const { stdout } = await promisify(execFile)(process.env.CSL_PYTHON ?? "python3", [
    "-c",
    PYTHON,
    ...set.shards,
  ]);
  const [index, read] = stdout
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map(Number));
  row("Python tarfile: headers of all entries", "entries", index![0]!, index![1]!, index![2]!);
  row(
    "Python tarfile: stream, every entry read, in the shards' order",
    "images",
    read![0]!,
    read![1]!,
    read![2]!,
  );
} catch {
  rows.push("| Python is not there (CSL_PYTHON) | | |");
}
console.log(
  `${set.length} images in ${set.shards.length} shards, in the page cache\n| | wall | CPU |\n|---|---|---|`,
);
console.log(rows.join("\n"));
