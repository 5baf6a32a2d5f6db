// What training on several processes costs on this machine, as Markdown tables:
// - the sum of 30 million floats over two processes beside torch.distributed, in turns (--python: one that has torch);
// - a step of TResNet-M on two processes with one thread each: the wait for summed gradients, with sums that overlap the backward
//   pass and with sums after it, in turns, and memory beside one process;
// - with --against FOLDER, another checkout of this repository (installed, and free to be written to): processor time of a step
//   without other ranks, there and here, in turns.
//
//   pnpm --filter @csl/benchmarks ranks-speed [--python python3] [--engine torch] [--batch 4] [--side 96] [--steps 8]
//     [--against /path/to/checkout] [--only sum,steps,single]
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { copyFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const { values: flags } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    engine: { type: "string", default: "torch" },
    batch: { type: "string", default: "4" },
    side: { type: "string", default: "96" },
    steps: { type: "string", default: "8" },
    rounds: { type: "string", default: "8" },
    numbers: { type: "string", default: "30000000" },
    against: { type: "string" },
    only: { type: "string", default: "sum,steps,single" },
  },
});
const only = flags.only.split(",");
const steps = Number(flags.steps);
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const node = (file: string): string[] => ["--conditions=@csl/source", "--import", "tsx", file];
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const print = (...cells: (string | number)[]): void =>
  void process.stdout.write(`| ${cells.join(" | ")} |\n`);
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Two processes that answer each line with a line. */
async function pair(command: string, args: string[]): Promise<{ ask(): Promise<number[]>; end(): void }> {
  const port = await freePort();
  const processes: ChildProcess[] = [0, 1].map((rank) =>
    spawn(command, [...args, String(rank), "2", String(port), flags.numbers], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
  const lines = processes.map((one) => createInterface({ input: one.stdout! })[Symbol.asyncIterator]());
  const next = (): Promise<IteratorResult<string>[]> => Promise.all(lines.map((one) => one.next()));
  await next();
  return {
    async ask() {
      for (const one of processes) one.stdin!.write("go\n");
      const [first] = await next();
      return first!.value.split(" ").map(Number);
    },
    end: () => processes.forEach((one) => void one.stdin!.end()),
  };
}

if (only.includes("sum")) {
  const ours = await pair(process.execPath, node(here("all-reduce-worker.ts")));
  const theirs = await pair(flags.python, [here("../../python/all_reduce.py")]);
  const times = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < Number(flags.rounds); round++) {
    times.ours.push(...(await ours.ask()));
    times.theirs.push(...(await theirs.ask()));
  }
  ours.end();
  theirs.end();
  print(`sum of ${flags.numbers} floats over 2 processes`, "median, ms", "best, ms");
  print("---", "---", "---");
  for (const [name, list] of [
    ["this repository", times.ours],
    ["torch.distributed", times.theirs],
  ] as const)
    print(name, median(list).toFixed(0), Math.min(...list).toFixed(0));
  print(
    "ratio",
    (median(times.ours) / median(times.theirs)).toFixed(2),
    (Math.min(...times.ours) / Math.min(...times.theirs)).toFixed(2),
  );
}

interface Steps {
  /** Milliseconds of a step, and of its wait. */
  overlapping: [number, number][];
  after: [number, number][];
  memory: number;
}

async function takeSteps(size: number): Promise<Steps[]> {
  const port = await freePort();
  const { engine, batch, side } = flags;
  return Promise.all(
    Array.from({ length: size }, async (_, rank) => {
      const place = { engine, rank, size, port, batch: Number(batch), side: Number(side), steps };
      const args = [...node(here("steps-worker.ts")), JSON.stringify(place)];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      return JSON.parse(stdout.split("\n").at(-2)!) as Steps;
    }),
  );
}

if (only.includes("steps")) {
  const two = await takeSteps(2);
  const [one] = await takeSteps(1);
  print("TResNet-M", "step, ms", "wait, ms", "share", "MB per process");
  print("---", "---", "---", "---", "---");
  for (const [name, kind] of [
    ["2 processes, sums overlap the backward pass", "overlapping"],
    ["2 processes, sums after it", "after"],
  ] as const) {
    const all = two.flatMap((worker) => worker[kind]);
    const share = median(all.map(([step, wait]) => wait / step));
    const times = [median(all.map(([step]) => step)), median(all.map(([, wait]) => wait))];
    const memory = Math.max(...two.map((worker) => worker.memory));
    print(name, ...times.map((ms) => ms.toFixed(0)), `${(100 * share).toFixed(1)} %`, memory.toFixed(0));
  }
  const alone = [...one!.overlapping, ...one!.after].map(([step]) => step);
  print("1 process", median(alone).toFixed(0), "–", "–", one!.memory.toFixed(0));
}

if (only.includes("single") && flags.against !== undefined) {
  const copy = join(flags.against, "benchmarks/src/single-worker.ts");
  await copyFile(here("single-worker.ts"), copy);
  const times: Record<"here" | "there", number[]> = { here: [], there: [] };
  try {
    for (let round = 0; round < 5; round++)
      for (const [where, file] of [
        ["there", copy],
        ["here", here("single-worker.ts")],
      ] as const) {
        const args = [...node(file), flags.engine, flags.steps];
        const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: join(file, "..") });
        times[where].push(...(JSON.parse(stdout.split("\n").at(-2)!) as number[]));
      }
  } finally {
    await rm(copy);
  }
  print(`a step without other ranks, ${flags.engine}`, "median processor time, ms", "best, ms");
  print("---", "---", "---");
  for (const where of ["there", "here"] as const)
    print(where, median(times[where]).toFixed(1), Math.min(...times[where]).toFixed(1));
}
