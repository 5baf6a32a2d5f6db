// `csl serve` under load, beside a plain service that runs one image after the other, in one run:
//
//   pnpm --filter @csl/benchmarks serve-load [--model model.onnx] [--requests 400] [--rounds 3] [--steady 20000]
//
// Without --model it exports a TResNet-tiny of 20 classes with random weights, at 64 pixels. Prints a table of images/s and of the times that half
// and 99 % of the answers take; then what becomes of ten times as many requests as fit, and of damaged images from the fuzz
// corpus while slow clients hang on; and the memory of the service over --steady requests.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { mutate } from "@csl/fuzz/mutate";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { exportTiny } from "./export-tiny.js";
import { type Load, load, quantile } from "./load-client.js";
import { type RunningService, startService } from "./start-service.js";

const { values: flags } = parseArgs({
  options: {
    model: { type: "string" },
    requests: { type: "string", default: "400" },
    rounds: { type: "string", default: "3" },
    steady: { type: "string", default: "20000" },
  },
});
const folder = mkdtempSync(join(tmpdir(), "csl-serve-load-"));
const fixtures = join(import.meta.dirname, "../../../packages/image-batches/fixtures");
const photo = readFileSync(join(fixtures, "420.jpg"));
const requests = Number(flags.requests);
const running: RunningService[] = [];
try {
  const model = flags.model ?? join(folder, "model.onnx");
  if (flags.model === undefined) writeFileSync(model, await exportTiny());
  await compare(model);
  await overload(model);
  await hostile(model);
  await steady(model);
} finally {
  for (const service of running) await service.stop();
  rmSync(folder, { recursive: true });
}

/** Rounds alternate, so that a machine that is busy now and then is so for all. */
async function compare(model: string): Promise<void> {
  const batched = await started(model);
  const plain = await started(model, "--batch-size", 1, "--batch-delay", 0);
  const contests: [string, RunningService, number][] = [
    ["one image at a time, 1 client", plain, 1],
    ["one image at a time, 16 clients", plain, 16],
    ["csl serve, 1 client", batched, 1],
    ["csl serve, 16 clients", batched, 16],
    ["csl serve, 48 clients", batched, 48],
  ];
  const results = new Map<string, Load[]>(contests.map(([name]) => [name, []]));
  for (const [, { url }] of contests) await load(url, { count: 20, connections: 4, body: () => photo });
  for (let round = 0; round < Number(flags.rounds); round++)
    for (const [name, { url }, connections] of contests)
      results.get(name)!.push(await load(url, { count: requests, connections, body: () => photo }));
  console.log("| service | images/s | p50, ms | p99, ms | not 200 |\n| --- | --- | --- | --- | --- |");
  for (const [name, loads] of results) {
    const times = Float64Array.from(loads.flatMap((one) => [...one.times])).sort();
    const seconds = loads.reduce((sum, one) => sum + one.seconds, 0);
    const other = loads.length * requests - times.length;
    const shown = [quantile(times, 0.5), quantile(times, 0.99)].map((ms) => ms.toFixed(1));
    console.log(`| ${name} | ${(times.length / seconds).toFixed(1)} | ${shown.join(" | ")} | ${other} |`);
  }
  await stop(batched);
  await stop(plain);
}

async function overload(model: string): Promise<void> {
  const service = await started(model, "--queue", 16);
  const result = await load(service.url, { count: 10 * 160, connections: 160, body: () => photo });
  console.log(`160 clients where 16 images may wait: ${shown(result)}`);
  await stop(service);
}

/** Damaged images over 8 connections, with 20 clients that send a byte now and then and 20 that go in the middle. */
async function hostile(model: string): Promise<void> {
  const service = await started(model, "--timeout", 3);
  const samples = ["420.jpg", "progressive.jpg", "cmyk.jpg", "rgba.png", "palette.gif", "photo.webp"];
  const bytes = samples.map((name) => readFileSync(join(fixtures, name)));
  const random = mulberry32(1);
  const { port } = new URL(service.url);
  const head =
    "POST /tag HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: 90000\r\n\r\n";
  const clients = Array.from({ length: 40 }, (_, i) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(`${head}abc`));
    socket.on("error", () => {});
    const timer = setInterval(() => (i < 20 ? socket.write("x") : socket.destroy()), 200);
    socket.on("close", () => clearInterval(timer));
    return socket;
  });
  const body = (i: number): Uint8Array =>
    mutate(bytes[i % bytes.length]!, random, { words: [], other: bytes[(i + 1) % bytes.length]! });
  console.log(
    `damaged images, beside 40 slow clients: ${shown(await load(service.url, { count: 3000, connections: 8, body }))}`,
  );
  for (const socket of clients) socket.destroy();
  const after = await load(service.url, { count: 20, connections: 2, body: () => photo });
  console.log(`whole images afterwards: ${shown(after)}`);
  await stop(service);
}

async function steady(model: string): Promise<void> {
  const service = await started(model);
  const parts = 8;
  const count = Math.ceil(Number(flags.steady) / parts);
  const sizes: number[] = [];
  for (let part = 0; part < parts; part++) {
    await load(service.url, { count, connections: 16, body: () => photo });
    sizes.push(Math.round((await service.memory()) / 2 ** 20));
  }
  console.log(`memory after each ${count} requests, MiB: ${sizes.join(", ")}`);
  await stop(service);
}

async function started(model: string, ...flags: (string | number)[]): Promise<RunningService> {
  const service = await startService(model, flags.map(String));
  running.push(service);
  return service;
}

async function stop(service: RunningService): Promise<void> {
  await service.stop();
  running.splice(running.indexOf(service), 1);
}

function shown({ statuses, seconds }: Load): string {
  const list = [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, n]) => `${n} × ${status || "no answer"}`);
  return `${list.join(", ")} in ${seconds.toFixed(1)} s`;
}
