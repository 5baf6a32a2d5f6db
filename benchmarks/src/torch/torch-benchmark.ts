// The torch engine beside PyTorch, in one run: both wait in processes of their own, and repetitions alternate, so that what
// else the machine does falls on both. Medians; ratios are of medians. CPU time is the sum over threads: on a busy
// machine it says more than the wall's.
//
//   pnpm --filter @csl/benchmarks torch [--batch 16,64] [--size 224] [--repeat 5] [--only train,infer] [--compile] [--threads 2]
//
// CSL_PYTHON names a Python with torch; the engine is built against the libtorch of the same.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { availableParallelism, loadavg } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

interface Sample {
  ms: number;
  cpuMs: number;
  peakMb: number;
}

const { values: flags } = parseArgs({
  options: {
    batch: { type: "string", default: "16" },
    size: { type: "string", default: "224" },
    repeat: { type: "string", default: "5" },
    only: { type: "string", default: "train,infer,loss,optimizer,overhead" },
    threads: { type: "string", default: String(availableParallelism()) },
    precision: { type: "string", default: "float32,bf16" },
    compile: { type: "boolean", default: false },
  },
});
const python = process.env.CSL_PYTHON ?? "python3";
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A process that answers one line for each line. */
class Worker {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(command: string, args: string[]) {
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async answer<T>(): Promise<T> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`torch-benchmark: ${this.#child.spawnargs.slice(0, 4).join(" ")} ended.`);
      if (value.startsWith("{")) return JSON.parse(value) as T;
    }
  }

  async repeat(): Promise<Sample> {
    this.#child.stdin!.write("\n");
    return this.answer();
  }

  end(): void {
    this.#child.stdin!.end();
  }
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1]!;

function medians(samples: Sample[]): Sample {
  return {
    ms: median(samples.map(({ ms }) => ms)),
    cpuMs: median(samples.map(({ cpuMs }) => cpuMs)),
    peakMb: Math.max(...samples.map(({ peakMb }) => peakMb)),
  };
}

type Job = Record<string, number | string | boolean>;

async function compare(job: Job, repetitions: number): Promise<Record<string, Sample>> {
  const engine = [
    "--conditions=@csl/source",
    "--import",
    "tsx",
    path("torch-worker.ts"),
    JSON.stringify(job),
  ];
  const workers: Record<string, Worker> = {
    ours: new Worker(process.execPath, engine),
    eager: new Worker(python, [path("../../pytorch/worker.py"), JSON.stringify(job)]),
  };
  if (flags.compile && (job.task === "train" || job.task === "infer"))
    workers.compiled = new Worker(python, [
      path("../../pytorch/worker.py"),
      JSON.stringify({ ...job, compile: true }),
    ]);
  for (const worker of Object.values(workers)) await worker.answer();
  const samples = Object.fromEntries(Object.keys(workers).map((name): [string, Sample[]] => [name, []]));
  for (let i = 0; i < repetitions; i++)
    for (const [name, worker] of Object.entries(workers)) samples[name]!.push(await worker.repeat());
  for (const worker of Object.values(workers)) worker.end();
  return Object.fromEntries(Object.entries(samples).map(([name, list]) => [name, medians(list)]));
}

const common = { size: Number(flags.size), classes: 80, threads: Number(flags.threads) };
const jobs: Job[] = [];
for (const task of flags.only.split(",")) {
  if (task === "train" || task === "infer")
    for (const batch of flags.batch.split(",").map(Number))
      for (const precision of flags.precision.split(",")) jobs.push({ task, ...common, batch, precision });
  else if (task === "loss")
    for (const [batch, classes] of [
      [64, 80],
      [64, 9605],
      [512, 9605],
    ])
      jobs.push({ task, ...common, batch: batch!, classes: classes!, precision: "float32" });
  else jobs.push({ task, ...common, batch: 1, precision: "float32" });
}

const version = spawnSync(python, ["-c", "import torch; print(torch.__version__)"], { encoding: "utf8" });
console.log(
  `PyTorch ${version.stdout.trim()}, ${common.threads} threads, load ${loadavg()[0]!.toFixed(1)} at the start, ` +
    `medians of ${flags.repeat} interleaved repetitions`,
);
const header = [
  "task",
  "ours ms",
  "eager ms",
  "eager/ours",
  "cpu time",
  "compiled/ours",
  "MB ours",
  "MB eager",
  "memory",
];
console.log(header.map((cell, i) => (i === 0 ? cell.padEnd(28) : cell.padStart(14))).join(""));
for (const job of jobs) {
  const quick = job.task !== "train" && job.task !== "infer";
  const { ours, eager, compiled } = await compare(job, Number(flags.repeat) * (quick ? 4 : 1));
  const name = `${job.task} ${job.task === "loss" ? `${job.batch} x ${job.classes}` : quick ? "" : `${job.batch} ${job.precision}`}`;
  const cells = [
    ours!.ms.toFixed(2),
    eager!.ms.toFixed(2),
    (eager!.ms / ours!.ms).toFixed(2),
    (eager!.cpuMs / ours!.cpuMs).toFixed(2),
    compiled ? (compiled.ms / ours!.ms).toFixed(2) : "",
    ours!.peakMb.toFixed(0),
    eager!.peakMb.toFixed(0),
    (ours!.peakMb / eager!.peakMb).toFixed(2),
  ];
  console.log(name.padEnd(28) + cells.map((cell) => cell.padStart(14)).join(""));
}
process.exit();
