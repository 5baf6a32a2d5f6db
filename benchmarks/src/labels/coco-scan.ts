/**
 * Reads a synthetic COCO instances file of about 450 MB (the size of instances_train2017) and prints time, speed and
 * peak memory. Writing and reading are two processes, so that only the reading counts. The file is deleted at the end.
 *
 *   pnpm --filter @csl/benchmarks coco-scan [megabytes]
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { fixedPerClass, randomPerSample, readCocoInstances, simulate } from "@csl/coco-simulation";
import { mulberry32 } from "@csl/internal/random/mulberry32";

const IMAGES = 82_783;
const CATEGORIES = 80;

async function writeInstances(path: string, megabytes: number): Promise<void> {
  const random = mulberry32(1);
  const whole = (n: number): number => Math.floor(random() * n);
  const out = createWriteStream(path, { highWaterMark: 4 << 20 });
  let written = 0;
  const write = async (text: string): Promise<void> => {
    written += text.length;
    if (!out.write(text)) await once(out, "drain");
  };
  await write('{"info": {"description": "synthetic"}, "licenses": [], "images": [');
  for (let i = 0; i < IMAGES; i++) {
    const name = `${String(i * 7).padStart(12, "0")}.jpg`;
    await write(
      `${i ? ", " : ""}{"license": 5, "file_name": "${name}", "coco_url": "http://example.org/train2017/${name}", "height": 480, "width": 640, "date_captured": "2013-11-14 11:18:45", "id": ${i * 7}}`,
    );
  }
  await write('], "annotations": [');
  const end = megabytes * 1e6 - 6000;
  for (let i = 0; written < end; i++) {
    const points = Array.from({ length: 24 + whole(60) }, () => (random() * 640).toFixed(2));
    const box = [whole(600), whole(400), whole(200), whole(200)].map((n) => `${n}.5`).join(", ");
    await write(
      `${i ? ", " : ""}{"segmentation": [[${points.join(", ")}]], "area": ${random() * 90_000}, "iscrowd": ${i % 70 ? 0 : 1}, "image_id": ${whole(IMAGES) * 7}, "bbox": [${box}], "category_id": ${1 + Math.floor(CATEGORIES * random() ** 3)}, "id": ${i}}`,
    );
  }
  const categories = Array.from(
    { length: CATEGORIES },
    (_, i) => `{"id": ${i + 1}, "name": "class ${i + 1}"}`,
  );
  await write(`], "categories": [${categories.join(", ")}]}`);
  out.end();
  await once(out, "finish");
}

async function scan(path: string): Promise<void> {
  const base = process.resourceUsage().maxRSS / 1024;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { table, counts, areas } = await readCocoInstances(path);
  const seconds = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  const peak = process.resourceUsage().maxRSS / 1024;
  const { size } = await stat(path);
  const line = (what: string, value: string): void => console.log(`${what.padEnd(22)} ${value}`);
  const n = (value: number): string => value.toLocaleString("en-US");
  line(
    "file",
    `${(size / 1e6).toFixed(0)} MB, ${n(counts.images)} images, ${n(counts.annotations)} annotations`,
  );
  line(
    "read",
    `${seconds.toFixed(2)} s, ${(size / 1e6 / seconds).toFixed(0)} MB/s (CPU ${((user + system) / 1e6).toFixed(2)} s)`,
  );
  line("peak RSS", `${peak.toFixed(0)} MB (${base.toFixed(0)} MB before the first byte)`);
  line("table", `${n(table.numSamples)} samples, ${n(table.entries.length)} positives`);
  for (const scheme of [fixedPerClass({ perClass: 1000 }), randomPerSample({ dropRate: 0.5 })]) {
    const before = performance.now();
    const simulated = simulate(table, scheme, { seed: 1, areas }).table;
    const took = (performance.now() - before) / 1e3;
    line(scheme.name, `${took.toFixed(2)} s, ${n(simulated.entries.length)} labels kept`);
  }
}

async function main(): Promise<void> {
  const [flag, path] = process.argv.slice(2);
  if (flag === "--scan" && path) return scan(path);
  const folder = await mkdtemp(join(tmpdir(), "csl-coco-scan-"));
  try {
    const file = join(folder, "instances.json");
    await writeInstances(file, Number(flag ?? 450));
    console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}`);
    const args = [...process.execArgv, fileURLToPath(import.meta.url), "--scan", file];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    process.stdout.write(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
