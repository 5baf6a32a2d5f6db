/**
 * Reads OpenImages' human labels of train at full size (57.5 million rows) into columns of image, class and label: our
 * loader without an index, with one and from one; fast-csv; pandas, polars and DuckDB. Each in a process of its own,
 * one after another, in one run; what they count must agree. The file is generated when it is not there.
 *
 *   pnpm build && pnpm --filter @csl/benchmarks openimages-labels [--file labels.csv] [--python /path/to/python]
 *     [--runs 3] [--prefix 2000000] [--only pandas,polars]
 *
 * Ours runs from the built packages, in plain Node. fast-csv, which needs minutes, reads the first `--prefix` rows. CPU
 * seconds begin after the imports; peak memory is that of the whole process.
 */
import { closeSync, existsSync, openSync, readSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { errorReason, runNode, runProcess } from "../run-process.js";
import { fullSize, generateOpenImages, humanLabels, openImagesFolder } from "./openimages-generate.js";

interface Reading {
  rows: number;
  positives: number;
  images: number;
  classes: number;
  wall: number;
  cpu: number;
  /** Bytes. */
  rss: number;
  version: string;
}

const { values } = parseArgs({
  options: {
    file: { type: "string", default: join(openImagesFolder, humanLabels) },
    python: { type: "string", default: process.env.PYTHON ?? "python3" },
    runs: { type: "string", default: "3" },
    prefix: { type: "string", default: "2000000" },
    only: { type: "string" },
  },
});
const path = values.file;
const here = dirname(fileURLToPath(import.meta.url));
const prefix = join(tmpdir(), `openimages-prefix-${process.pid}.csv`);
const index = `${path}.labels.idx`;

/** What a Node process does with a file; it prints a Reading. */
const nodeProgram = (imports: string, file: string, read: string): string => `
${imports}
const path = ${JSON.stringify(file)};
const before = process.cpuUsage();
const start = performance.now();
const found = await (${read})();
const wall = (performance.now() - start) / 1e3;
const { user, system } = process.cpuUsage(before);
const rss = process.resourceUsage().maxRSS * 1024;
if (found.count) { const count = found.count; delete found.count; Object.assign(found, count()); }
console.log(JSON.stringify({ ...found, wall, cpu: (user + system) / 1e6, rss, version: "Node " + process.version }));`;

const ours = (keep: boolean): string =>
  nodeProgram(
    `import { classStatistics } from "@csl/labels";
     import { readLabelFiles } from "@csl/openimages-loader";`,
    path,
    `async () => {
      const { table, report } = await readLabelFiles(path, { index: ${keep} });
      const count = () => ({ positives: classStatistics(table).positives.reduce((sum, n) => sum + n, 0) });
      return { rows: report.rows, images: table.numSamples, classes: table.numClasses, count };
    }`,
  );

/** The same columns with fast-csv: images numbered as they come, classes through a Map, growing arrays. */
const fastCsv = nodeProgram(
  `import { createReadStream } from "node:fs";
   import { parse } from "fast-csv";`,
  prefix,
  `async () => {
    let capacity = 1 << 20, rows = 0, positives = 0, images = 0, last = "";
    let image = new Uint32Array(capacity), label = new Uint16Array(capacity), value = new Int8Array(capacity);
    const grow = (from) => { const to = new from.constructor(capacity); to.set(from); return to; };
    const classes = new Map();
    await new Promise((resolve, reject) => {
      createReadStream(path, { highWaterMark: 1 << 20 }).pipe(parse({ headers: false, skipRows: 1 }))
        .on("data", ([id, , mid, confidence]) => {
          if (rows === capacity) { capacity *= 2; image = grow(image); label = grow(label); value = grow(value); }
          if (id !== last) { last = id; images++; }
          let number = classes.get(mid);
          if (number === undefined) { number = classes.size; classes.set(mid, number); }
          image[rows] = images - 1; label[rows] = number; value[rows] = confidence === "1" ? 1 : 0;
          positives += value[rows++];
        })
        .on("error", reject).on("end", resolve);
    });
    return { rows, positives, images, classes: classes.size };
  }`,
);

const python = (reader: string) => (): Promise<Reading> =>
  runProcess<Reading>(values.python, [join(here, "../../python/openimages_labels.py"), reader, path]);

if (!existsSync(path)) {
  console.log(`generating ${path}`);
  generateOpenImages(dirname(path), fullSize);
}
const megabytes = statSync(path).size / 1e6;
rmSync(index, { force: true });
// So that the first reader does not pay for the disk.
warm(path);
copyRows(path, prefix, Number(values.prefix));
console.log(
  `${path}, ${megabytes.toFixed(0)} MB; ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}; best of ${values.runs} runs\n`,
);

const readers: { name: string; read: () => Promise<Reading>; runs?: number }[] = [
  { name: "@csl/openimages-loader", read: () => runNode<Reading>(ours(false)), runs: Number(values.runs) },
  { name: "  first time, writing its index", read: () => runNode<Reading>(ours(true)) },
  { name: "  from its index", read: () => runNode<Reading>(ours(true)), runs: Number(values.runs) },
  {
    name: `fast-csv, the first ${Number(values.prefix) / 1e6} M rows`,
    read: () => runNode<Reading>(fastCsv),
  },
  { name: "pandas, read_csv with categories", read: python("pandas") },
  { name: "polars, read_csv with categories", read: python("polars") },
  { name: "DuckDB, columns into numpy", read: python("duckdb") },
  { name: "DuckDB, counting only", read: python("duckdb-count") },
].filter(({ name }) => !values.only || values.only.split(",").some((word) => name.includes(word)));
const table = [["", "wall s", "CPU s", "M rows/s", "M rows/CPU-s", "peak RSS MB", "images, positives"]];
try {
  for (const reader of readers) table.push(await row(reader));
} finally {
  rmSync(prefix, { force: true });
}
const widths = table[0]!.map((_, i) => Math.max(...table.map((cells) => (cells[i] ?? "").length)));
for (const cells of table) {
  console.log(
    cells
      .map((cell, i) => (i === 0 || i === 6 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}

async function row({ name, read, runs = 1 }: (typeof readers)[number]): Promise<string[]> {
  const readings: Reading[] = [];
  try {
    for (let i = 0; i < runs; i++) readings.push(await read());
  } catch (error) {
    return [name, "", "", "", "", "", errorReason(error as Error)];
  }
  const wall = Math.min(...readings.map((reading) => reading.wall));
  const cpu = Math.min(...readings.map((reading) => reading.cpu));
  const { rows, images, positives, version } = readings[0]!;
  return [
    `${name} (${version})`,
    wall.toFixed(2),
    cpu.toFixed(2),
    (rows / wall / 1e6).toFixed(2),
    (rows / cpu / 1e6).toFixed(2),
    (Math.max(...readings.map((reading) => reading.rss)) / 1e6).toFixed(0),
    `${images}, ${positives}`,
  ];
}

/** Reads all of a file into nothing. */
function warm(file: string): void {
  const source = openSync(file, "r");
  const block = Buffer.alloc(8 << 20);
  while (readSync(source, block) > 0);
  closeSync(source);
}

/** The header and the first rows of a file, by way of its first 64 bytes a row. */
function copyRows(from: string, to: string, rows: number): void {
  const source = openSync(from, "r");
  const block = Buffer.alloc(Math.min(statSync(from).size, (rows + 1) * 64));
  const length = readSync(source, block);
  closeSync(source);
  let end = 0;
  for (let i = 0; i <= rows && end < length; i++) end = block.indexOf(10, end) + 1 || length;
  writeFileSync(to, block.subarray(0, end));
}
