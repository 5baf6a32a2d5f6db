// How much a training step slows down when another process keeps one core busy: OpenMP's threads wait for the slowest, and
// while they spin they take from it. Steps alone and beside the busy process take turns; prints medians and their ratio.
//
//   pnpm --filter @csl/benchmarks torch-contention [--batch 8] [--size 112] [--repeat 5] [--precision float32]
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: flags } = parseArgs({
  options: {
    batch: { type: "string", default: "8" },
    size: { type: "string", default: "112" },
    repeat: { type: "string", default: "5" },
    precision: { type: "string", default: "float32" },
  },
});
const threads = availableParallelism();
const job = {
  task: "train",
  batch: Number(flags.batch),
  size: Number(flags.size),
  classes: 80,
  precision: flags.precision,
  threads,
};

const worker = spawn(
  process.execPath,
  [...process.execArgv, fileURLToPath(new URL("torch-worker.ts", import.meta.url)), JSON.stringify(job)],
  { stdio: ["pipe", "pipe", "inherit"] },
);
const lines = createInterface({ input: worker.stdout })[Symbol.asyncIterator]();
const line = async (): Promise<Record<string, number | string>> => {
  const { value, done } = await lines.next();
  if (done) throw new Error("torch-contention: the worker ended");
  return JSON.parse(value);
};
async function step(): Promise<number> {
  worker.stdin.write("\n");
  return (await line()).ms as number;
}

const { ready } = await line();
await step();
const alone: number[] = [];
const beside: number[] = [];
for (let i = 0; i < Number(flags.repeat); i++) {
  alone.push(await step());
  const busy = spawn(process.execPath, ["-e", "while (true);"]);
  await setTimeout(200); // until it is busy
  beside.push(await step());
  busy.kill();
  await setTimeout(50);
}
worker.stdin.end();

const median = (list: number[]): number => list.sort((a, b) => a - b)[list.length >> 1]!;
const ratio = median(beside) / median(alone);
console.log(
  `TResNet-M, ${job.size} px, batch ${job.batch}, ${job.precision}, ${threads} threads, ${ready}: ` +
    `${median(alone).toFixed(0)} ms alone, ${median(beside).toFixed(0)} ms beside a busy process, ${ratio.toFixed(2)} times`,
);
