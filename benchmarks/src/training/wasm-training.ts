// Training throughput on the wasm backend, before and after @csl/engine's kernels, in one run. "before" is TensorFlow.js's
// wasm backend as it starts in Node, with the kernels that it lacks computed by the cpu backend (the simplest thing that
// makes it train); "after" is startEngine(). Each runs in a process of its own, because kernels are registered once.
// A step is forward, loss, backward and Adam, on batches of 2 before and of the stated size after. Usage: pnpm --filter @csl/benchmarks wasm-training [case …]
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { availableParallelism, cpus } from "node:os";
import { dirname, join } from "node:path";
import "@tensorflow/tfjs";
import { registerWasmKernels, startEngine } from "@csl/engine";
import { createTResNet, type TResNetShape, type TResNetVariant } from "@csl/tresnet";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

const tiny: TResNetShape = {
  layers: [1, 1, 2, 1],
  width: 0.25,
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
};
const cases: Record<
  string,
  { variant: TResNetVariant | TResNetShape; size: number; batch: number; steps: number }
> = {
  "quick start, 64 px": { variant: tiny, size: 64, batch: 32, steps: 30 },
  "TResNet-M, 64 px": { variant: "m", size: 64, batch: 8, steps: 6 },
  "TResNet-M, 112 px": { variant: "m", size: 112, batch: 8, steps: 4 },
};

type Form = "before" | "after, 1 thread" | "after";

async function start(form: Form): Promise<void> {
  if (form !== "before") {
    await startEngine({ prefer: "wasm", ...(form === "after" ? {} : { threads: 1 }) });
    return;
  }
  const manifest = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json");
  setWasmPaths(join(dirname(manifest), "wasm-out/"));
  await tf.setBackend("wasm");
  registerWasmKernels();
}

interface Speed {
  /** Images per second of the fastest step. */
  wall: number;
  /** Images per second of processor time, of the cheapest step: the same on a busy machine. */
  cpu: number;
}

async function measure(form: Form, name: string): Promise<Speed> {
  const { variant, size, steps } = cases[name]!;
  // Two images take minutes already; an image costs the same in every batch, since each is convolved by itself.
  const batch = form === "before" ? 2 : cases[name]!.batch;
  await start(form);
  const model = createTResNet({ variant, numClasses: 80, seed: 1 });
  const images = tf.randomUniform<tf.Rank.R4>([batch, size, size, 3], 0, 1, "float32", 1);
  const labels = tf.cast(tf.greater(tf.randomUniform([batch, 80], 0, 1, "float32", 2), 0.95), "float32");
  const optimizer = tf.train.adam(1e-4);
  const variables = [...model.parameters().values()];
  const step = (): void => {
    const loss = (): tf.Scalar =>
      tf.losses.sigmoidCrossEntropy(labels, model.forward(images, { training: true })) as tf.Scalar;
    optimizer.minimize(loss, false, variables)?.dispose();
  };
  const speed: Speed = { wall: 0, cpu: 0 };
  // One step of minutes needs no repetition; short ones warm up and repeat.
  for (let i = 0; i < (form === "before" ? 1 : steps); i++) {
    const [started, used] = [performance.now(), process.cpuUsage()];
    step();
    const { user, system } = process.cpuUsage(used);
    speed.wall = Math.max(speed.wall, (1000 * batch) / (performance.now() - started));
    speed.cpu = Math.max(speed.cpu, (1e6 * batch) / (user + system));
  }
  return speed;
}

const [form, name] = process.argv.slice(2);
if (form === "before" || form === "after" || form === "after, 1 thread") {
  console.log(JSON.stringify(await measure(form, name!)));
  process.exit(0);
}

const run = (form: Form, name: string): Speed =>
  JSON.parse(
    execFileSync(process.execPath, [...process.execArgv, process.argv[1]!, form, name], { encoding: "utf8" }),
  ) as Speed;
const digits = (n: number): string => (n < 100 ? n.toPrecision(3) : n.toFixed(0));
console.log(
  `${cpus()[0]!.model}, ${availableParallelism()} cores, Node ${process.version}; images per second`,
);
console.log(
  "| training | before | after, 1 thread | after, all | ratio | per CPU second: before | after | ratio |",
);
console.log("|---|---|---|---|---|---|---|---|");
for (const name of Object.keys(cases)) {
  if (process.argv.length > 2 && !process.argv.includes(name)) continue;
  const [before, one, all] = [run("before", name), run("after, 1 thread", name), run("after", name)] as const;
  const numbers = [
    before.wall,
    one.wall,
    all.wall,
    all.wall / before.wall,
    before.cpu,
    one.cpu,
    one.cpu / before.cpu,
  ];
  console.log(`| ${name}, batch ${cases[name]!.batch} | ${numbers.map(digits).join(" | ")} |`);
}
