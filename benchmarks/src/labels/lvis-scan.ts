/**
 * Reads one LVIS annotation file of full size with our reader, with JSON.parse and with Python's json: each in its own
 * process, one after another, in one run; what they found must agree. The file is generated when it is not there.
 *
 *   pnpm build && pnpm --filter @csl/benchmarks lvis-scan [--file lvis_v1_train.json] [--python /path/to/python] [--runs 3]
 *
 * Ours runs from the built packages, in plain Node, as a user of the packages has it. CPU seconds and peak memory are
 * those of the whole process.
 */
import { existsSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { LvisLabels } from "@csl/lvis-loader";
import { errorReason, runNode, runProcess } from "../run-process.js";
import { fullSize, generateLvis, lvisPath } from "./lvis-generate.js";

interface Reading {
  seconds: number;
  cpu: number;
  rss: number;
  found: string;
  version: string;
}

const { values } = parseArgs({
  options: {
    file: { type: "string", default: lvisPath },
    python: { type: "string", default: process.env.PYTHON ?? "python3" },
    runs: { type: "string", default: "3" },
  },
});
const path = values.file;
const runs = Number(values.runs);
const here = dirname(fileURLToPath(import.meta.url));

/** What a Node process does with the file; it prints a Reading. */
const nodeProgram = (imports: string, read: string): string => `
${imports}
const path = ${JSON.stringify(path)};
const start = performance.now();
const found = await (${read})();
const seconds = (performance.now() - start) / 1e3;
const { user, system } = process.cpuUsage();
const rss = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, rss, found, version: "Node " + process.version }));`;

const found = ({ counts }: LvisLabels): string =>
  `${counts.images} images, ${counts.positives} positives, ${counts.negatives} negatives`;

const readWith = (index: boolean): string =>
  nodeProgram(
    'import { readLvis } from "@csl/lvis-loader";',
    `async () => (${found})(await readLvis(path, { index: ${index} }))`,
  );
const parseWhole = nodeProgram(
  'import { readFileSync } from "node:fs";',
  'async () => JSON.parse(readFileSync(path, "utf8")).images.length + " images"',
);

if (!existsSync(path)) {
  console.log(`generating ${path}`);
  generateLvis(path, fullSize);
}
rmSync(`${path}.csl-index`, { force: true });
// So that the first reader does not pay for the disk.
await warm(path);
const megabytes = statSync(path).size / 1e6;
console.log(
  `${path}, ${megabytes.toFixed(0)} MB; ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}; best of ${runs} runs\n`,
);
const header = ["", "wall s", "MB/s", "CPU s", "MB/CPU-s", "peak RSS MB", "found"];
const rows = [
  await row("@csl/lvis-loader", () => runNode<Reading>(readWith(false)), runs),
  await row("  first time, writing its index", () => runNode<Reading>(readWith(true)), 1),
  await row("  from its index", () => runNode<Reading>(readWith(true)), runs),
  await row("JSON.parse(readFileSync)", () => runNode<Reading>(parseWhole), 1),
  await row(
    "Python json",
    () => runProcess<Reading>(values.python, [join(here, "../../python/lvis.py"), path]),
    1,
  ),
];
const widths = header.map((_, i) => Math.max(...[header, ...rows].map((cells) => (cells[i] ?? "").length)));
for (const cells of [header, ...rows]) {
  console.log(
    cells
      .map((cell, i) => (i === 0 || i === 6 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}

async function row(name: string, read: () => Promise<Reading>, times: number): Promise<string[]> {
  const readings: Reading[] = [];
  try {
    for (let i = 0; i < times; i++) readings.push(await read());
  } catch (error) {
    return [name, "", "", "", "", "", errorReason(error as Error)];
  }
  const [best] = readings.toSorted((a, b) => a.seconds - b.seconds);
  const cpu = Math.min(...readings.map((reading) => reading.cpu));
  const rss = Math.max(...readings.map((reading) => reading.rss));
  return [
    `${name} (${best!.version})`,
    best!.seconds.toFixed(2),
    (megabytes / best!.seconds).toFixed(0),
    cpu.toFixed(2),
    (megabytes / cpu).toFixed(0),
    rss.toFixed(0),
    best!.found,
  ];
}

async function warm(file: string): Promise<void> {
  const handle = await open(file);
  const block = Buffer.alloc(8 << 20);
  while ((await handle.read(block, 0, block.length)).bytesRead > 0);
  await handle.close();
}
