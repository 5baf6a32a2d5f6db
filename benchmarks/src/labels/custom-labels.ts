/**
 * Reads label files of one's own of a million rows (3 positives and 4 negatives each, 400 classes), CSV and JSONL, each
 * in its own process. The files are generated and deleted.
 *
 *   pnpm --filter @csl/benchmarks custom-labels [rows]
 */
import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readCustomLabels } from "@csl/datasets";
import { mulberry32 } from "@csl/internal/random/mulberry32";

interface Row {
  path: string;
  positives: string[];
  negatives: string[];
}

function* rowsOf(count: number): Generator<Row> {
  const random = mulberry32(1);
  const some = (n: number, from: number): string[] =>
    Array.from({ length: n }, () => `class ${from + Math.floor(random() * 200)}`);
  for (let i = 0; i < count; i++) {
    const path = `photos/${Math.floor(i / 1000)}/${String(i).padStart(7, "0")}.jpg`;
    yield { path, positives: some(3, 0), negatives: some(4, 200) };
  }
}

function* csvOf(count: number): Generator<string> {
  yield "path,positives,negatives\n";
  for (const { path, positives, negatives } of rowsOf(count)) {
    yield `${path},${positives.join(";")},${negatives.join(";")}\n`;
  }
}

function* jsonlOf(count: number): Generator<string> {
  for (const row of rowsOf(count)) yield `${JSON.stringify(row)}\n`;
}

async function read(path: string): Promise<void> {
  const { table, problemCounts } = await readCustomLabels(path);
  const { user, system } = process.cpuUsage();
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${table.numSamples.toLocaleString("en-US")} rows, ${table.entries.length.toLocaleString("en-US")} labels, ` +
      `${Object.keys(problemCounts).length} kinds of problems: ${((user + system) / 1e6).toFixed(1)} s CPU, ${peak.toFixed(0)} MB peak`,
  );
}

const [flag, path] = process.argv.slice(2);
if (flag === "--read" && path) {
  await read(path);
} else {
  const folder = await mkdtemp(join(tmpdir(), "csl-custom-labels-"));
  try {
    for (const [name, linesOf] of Object.entries({ "labels.csv": csvOf, "labels.jsonl": jsonlOf })) {
      const file = join(folder, name);
      await pipeline(Readable.from(linesOf(Number(flag ?? 1e6))), createWriteStream(file));
      const args = [...process.execArgv, fileURLToPath(import.meta.url), "--read", file];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      console.log(`${name.padEnd(13)} ${stdout.trim()}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
