// Where a step's time goes: every call into libtorch's binding by name and shape, on the torch engine, with the arithmetic that the
// convolutions stand for and the speed that comes of it; and the same convolutions in PyTorch. The machine's own limits
// (matrix product, copy) come first. Each call's time is its least over the repetitions, which a busy machine
// disturbs little.
//
//   pnpm --filter @csl/benchmarks torch-profile [--task train|infer] [--batch 16] [--size 224] [--precision float32|bf16] [--repeat 5]
//
// CSL_PYTHON names a Python with torch.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startTorch, type TorchBackend } from "@csl/tfjs-backend-torch";
import * as tf from "@tensorflow/tfjs";
import { tasks } from "./torch-tasks.js";

const { values: flags } = parseArgs({
  options: {
    task: { type: "string", default: "train" },
    batch: { type: "string", default: "16" },
    size: { type: "string", default: "224" },
    precision: { type: "string", default: "float32" },
    repeat: { type: "string", default: "5" },
    threads: { type: "string", default: String(availableParallelism()) },
  },
});
const precision = flags.precision as "float32" | "bf16";
const threads = Number(flags.threads);
await startTorch({ precision, threads });
await tf.setBackend("torch");
const backend = tf.backend() as unknown as TorchBackend;
const { binding } = backend;

interface Call {
  name: string;
  /** Of a convolution: input and filter, [h, w, in] and [h, w, in, out]. */
  detail: string;
  gflop: number;
  ms: number;
}
let calls: Call[] = [];

function timed<T>(describe: () => Omit<Call, "ms">, run: () => T): T {
  const start = performance.now();
  const result = run();
  calls.push({ ms: performance.now() - start, ...describe() });
  return result;
}

const shapeOf = (handle: number): number[] => binding.describe(handle).shape;

function convolution(name: string, tensors: readonly number[], numbers: readonly number[]): Omit<Call, "ms"> {
  const [first = [], second = []] = tensors.slice(0, 2).map(shapeOf);
  const kernel = name === "convFilter" ? numbers.slice(7, 9) : second.slice(0, 2);
  const [inputs, outputs] =
    name === "convFilter" ? [first.at(-1)!, second.at(-1)!] : (second.slice(2) as [number, number]);
  const result = name === "conv" ? first : name === "convInput" ? first : second;
  const [batch, height, width] = result as [number, number, number];
  return {
    name,
    detail: `${kernel.join("x")} ${inputs}->${outputs} @${height}`,
    gflop: (2 * batch * height * width * inputs * outputs * kernel[0]! * kernel[1]!) / 1e9,
  };
}

const { call, callFused } = backend;
const step = tasks[flags.task]!({
  task: flags.task,
  batch: Number(flags.batch),
  size: Number(flags.size),
  classes: 80,
  precision,
  threads,
});
step();
backend.call = (name, ...args) =>
  timed(
    () => ({ name, detail: "", gflop: 0 }),
    () => call.call(backend, name, ...args),
  );
backend.callFused = (name, tensors, numbers) =>
  timed(
    () => (name.startsWith("conv") ? convolution(name, tensors, numbers) : { name, detail: "", gflop: 0 }),
    () => callFused.call(backend, name, tensors, numbers),
  );
let least: Call[] | undefined;
let whole = Number.POSITIVE_INFINITY;
for (let i = 0; i < Number(flags.repeat); i++) {
  calls = [];
  const start = performance.now();
  step();
  whole = Math.min(whole, performance.now() - start);
  least = least ? least.map((best, k) => (calls[k]!.ms < best.ms ? calls[k]! : best)) : calls;
}
backend.call = call;
backend.callFused = callFused;

interface Row extends Call {
  count: number;
}
function grouped(list: Call[], key: (call: Call) => string): Row[] {
  const rows = new Map<string, Row>();
  for (const call of list) {
    const row = rows.get(key(call)) ?? { ...call, gflop: 0, ms: 0, count: 0 };
    row.gflop += call.gflop;
    row.ms += call.ms;
    row.count++;
    rows.set(key(call), row);
  }
  return [...rows.values()].sort((a, b) => b.ms - a.ms);
}

const inCalls = least!.reduce((total, { ms }) => total + ms, 0);
console.log(
  `${flags.task} ${flags.batch} ${precision}: ${whole.toFixed(0)} ms at best, ${inCalls.toFixed(0)} in ${least!.length} calls`,
);
console.log("by operation".padEnd(28) + ["count", "ms", "share", "GF/s"].map((s) => s.padStart(9)).join(""));
for (const { name, count, ms, gflop } of grouped(least!, ({ name }) => name).slice(0, 20))
  console.log(
    name.padEnd(28) +
      [
        String(count),
        ms.toFixed(1),
        `${((100 * ms) / inCalls).toFixed(1)} %`,
        gflop ? ((gflop / ms) * 1e3).toFixed(0) : "",
      ]
        .map((s) => s.padStart(9))
        .join(""),
  );

const convolutions = grouped(
  least!.filter(({ gflop }) => gflop > 0),
  ({ name, detail }) => `${name} ${detail}`,
);
const script = fileURLToPath(new URL("../../pytorch/convolutions.py", import.meta.url));
const request = JSON.stringify({
  batch: Number(flags.batch),
  precision,
  threads,
  repeat: Number(flags.repeat),
  convolutions: convolutions.map(({ name, detail }) => ({ name, detail })),
});
const { stdout, stderr, status } = spawnSync(process.env.CSL_PYTHON ?? "python3", [script, request], {
  encoding: "utf8",
});
if (status !== 0)
  throw new Error(`torch-profile: PyTorch ended with ${status}: ${stderr.trim().split("\n").at(-1)}`);
const theirs = JSON.parse(stdout) as { limits: Record<string, number>; seconds: number[] };
console.log(
  "\nconvolutions".padEnd(41) +
    ["count", "ms", "GF/s", "PyTorch", "ratio"].map((s) => s.padStart(9)).join(""),
);
for (const [i, { name, detail, count, ms, gflop }] of convolutions.entries()) {
  const rival = gflop / count / theirs.seconds[i]!;
  const own = (gflop / ms) * 1e3;
  console.log(
    `${name} ${detail}`.padEnd(40) +
      [String(count), ms.toFixed(1), own.toFixed(0), rival.toFixed(0), (own / rival).toFixed(2)]
        .map((s) => s.padStart(9))
        .join(""),
  );
}
console.log(
  `\nthis machine, ${threads} threads, by PyTorch: ` +
    Object.entries(theirs.limits)
      .map(([name, value]) => `${name} ${value.toFixed(0)}`)
      .join(", "),
);
process.exit();
