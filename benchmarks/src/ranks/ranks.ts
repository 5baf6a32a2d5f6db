// Training on several processes against one process, as Markdown tables: TResNet (tiny) on noise, 10 steps of Adam with averaged
// weights and the running prior; the ranks are stopped within the second epoch and resumed.
// - R ranks with batches of 16 against one process that accumulates them, for every loss of the command: the largest difference
//   in weights, averages, Adam's moments and the loss's own numbers ("0": all bits are the same);
// - 2 × 16 against 1 × 32, with frozen norms and with syncBn, beside what another order of the images changes;
// - whether the weights are the same on all ranks, after 10 and after 200 steps.
//
//   pnpm --filter @csl/benchmarks ranks [--engines wasm,torch] [--losses "asl,role"] [--four "csl ignore"]
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { type Checkpoint, loadCheckpoint } from "../../../packages/checkpoints/src/index.js";
import { losses } from "./ranks-cases.js";

const { values: flags } = parseArgs({
  options: {
    engines: { type: "string", default: "wasm,torch" },
    losses: { type: "string", default: Object.keys(losses).join(";") },
    four: { type: "string", default: "csl selective, top-k per sample" },
  },
});

interface Result {
  folder: string;
  losses: Record<string, number[]>;
  /** Of each rank's weights. */
  hashes: Record<string, string>[];
}

interface Output {
  losses: Record<string, number[]>;
  hashes: Record<string, string>;
}

const temporary = await mkdtemp(join(tmpdir(), "ranks-"));
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

async function trained(
  engine: string,
  { size, accumulates = 1, cases }: { size: number; accumulates?: number; cases: string[] },
): Promise<Result> {
  const folder = await mkdtemp(join(temporary, `${engine}-${size}-`));
  const port = await freePort();
  const worker = fileURLToPath(new URL("ranks-worker.ts", import.meta.url));
  const outputs = await Promise.all(
    Array.from({ length: size }, async (_, rank) => {
      const place = JSON.stringify({ engine, rank, size, port, folder, cases, accumulates });
      const args = ["--conditions=@csl/source", "--import", "tsx", worker, place];
      const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8 });
      return JSON.parse(stdout.split("\n").at(-2)!) as Output;
    }),
  );
  return { folder, losses: outputs[0]!.losses, hashes: outputs.map((output) => output.hashes) };
}

/** √Σ(a − b)² / √Σa² over all tensors that both have. Running statistics are each rank's own, and left out. */
function distance(a: Tensors, b: Tensors): number {
  let [difference, norm] = [0, 0];
  for (const [key, { data }] of a)
    if (!/running_|num_batches/.test(key))
      for (let i = 0; i < data.length; i++) {
        difference += (data[i]! - b.get(key)!.data[i]!) ** 2;
        norm += data[i]! ** 2;
      }
  return Math.sqrt(difference / (norm || 1));
}
type Tensors = ReadonlyMap<string, { data: ArrayLike<number> }>;

const arrays = (map: ReadonlyMap<string, Float32Array>): Tensors =>
  new Map([...map].map(([key, data]) => [key, { data }]));

async function compared(name: string, a: Result, b: Result, nameOfB: string = name): Promise<string[]> {
  const read = (from: Result, which: string): Promise<Checkpoint> =>
    loadCheckpoint(join(from.folder, which, "last.safetensors"));
  const [one, other] = [await read(a, name), await read(b, nameOfB)];
  const [adam, otherAdam] = [one.training!.adam, other.training!.adam];
  const loss = Math.max(...a.losses[name]!.map((x, i) => Math.abs(x - b.losses[nameOfB]![i]!) / Math.abs(x)));
  const { prior } = one.training!.progress;
  const { prior: otherPrior } = other.training!.progress;
  const numbers = [
    loss,
    distance(one.state, other.state),
    distance(one.ema!, other.ema!),
    Math.max(
      distance(arrays(adam.moment1), arrays(otherAdam.moment1)),
      distance(arrays(adam.moment2), arrays(otherAdam.moment2)),
    ),
    distance(new Map([["", { data: prior!.sums }]]), new Map([["", { data: otherPrior!.sums }]])),
    one.training!.loss ? distance(one.training!.loss, other.training!.loss!) : undefined,
  ];
  return numbers.map((x) => (x === undefined ? "–" : x === 0 ? "0" : x.toExponential(1)));
}

function sameOnRanks({ hashes }: Result, name: string): string {
  return hashes.every((one) => one[name] === hashes[0]![name]) ? "yes" : "NO";
}

const reversed = (name: string): string => `${name}, reversed`;
const print = (cells: string[]): void => void process.stdout.write(`| ${cells.join(" | ")} |\n`);
try {
  print([
    "engine",
    "compared",
    "loss",
    "weights",
    "averages",
    "moments",
    "prior",
    "kept numbers",
    "same on ranks",
  ]);
  print(new Array(9).fill("---"));
  for (const engine of flags.engines.split(",")) {
    const wanted = flags.losses.split(";");
    const others = ["frozen", "sync-bn"];
    const two = await trained(engine, {
      size: 2,
      cases: [...wanted, ...others, ...others.map(reversed), "200 steps"],
    });
    const one = await trained(engine, {
      ...{ size: 1, accumulates: 2 },
      cases: [...wanted, ...others, ...others.map(reversed)],
    });
    for (const name of wanted) {
      const label = `2 × 16, accumulated 2 × 16: ${name}`;
      print([engine, label, ...(await compared(name, one, two)), sameOnRanks(two, name)]);
    }
    for (const name of others) {
      print([engine, `2 × 16, 1 × 32: ${name}`, ...(await compared(name, one, two)), sameOnRanks(two, name)]);
      for (const [label, run] of [
        ["1 × 32", one],
        ["2 × 16", two],
      ] as const) {
        const noise = await compared(name, run, run, reversed(name));
        print([engine, `${label}, ${label} in another order: ${name}`, ...noise, "–"]);
      }
    }
    print([engine, "200 steps", ...new Array(6).fill("–"), sameOnRanks(two, "200 steps")]);
    const four = await trained(engine, { size: 4, cases: [flags.four] });
    const accumulated = await trained(engine, { size: 1, accumulates: 4, cases: [flags.four] });
    const label = `4 × 16, accumulated 4 × 16: ${flags.four}`;
    print([engine, label, ...(await compared(flags.four, accumulated, four)), sameOnRanks(four, flags.four)]);
  }
} finally {
  await rm(temporary, { recursive: true, force: true });
}
