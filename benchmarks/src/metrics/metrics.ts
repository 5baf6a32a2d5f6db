import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { evaluate } from "@csl/metrics";

// mAP(C) beside the reference's numpy formula, scikit-learn and torchmetrics: the same data, one core each, one run.
// CPU seconds of the whole process (Node's compiler and collector threads included), so that a busy machine does not decide.
//   pnpm --filter @csl/benchmarks metrics [--python /path/to/python] [--size 40000x80] [--runs 5] [--logits]
// Python needs numpy, scikit-learn, torch and torchmetrics; what is missing is named and left out.

type Theirs = {
  missing: Record<string, string>;
  results: Record<string, { version: string; seconds: number[]; mapC: number }>;
};

const { values } = parseArgs({
  options: {
    python: { type: "string", default: process.env.PYTHON ?? "python3" },
    size: { type: "string", multiple: true, default: ["40000x80", "125000x600"] },
    runs: { type: "string", default: "5" },
    logits: { type: "boolean", default: false },
  },
});

const folder = await mkdtemp(join(tmpdir(), "csl-metrics-"));
try {
  for (const size of values.size) await compare(size, Number(values.runs));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compare(size: string, runs: number): Promise<void> {
  const [rows, numClasses] = size.split("x").map(Number) as [number, number];
  const { scores, labels } = drawMatrix(rows, numClasses);
  const files = [join(folder, "scores.f32"), join(folder, "labels.i8")] as const;
  await writeFile(files[0], scores);
  await writeFile(files[1], labels);
  // Half of our runs before the others' and half behind, so that a machine that slows down does not favour us.
  let mapC = 0;
  const ours: number[] = [];
  const time = (): void => {
    const before = process.cpuUsage();
    mapC = evaluate({ scores, labels, numClasses }).mapC;
    const { user, system } = process.cpuUsage(before);
    ours.push((user + system) / 1e6);
  };
  for (let i = 0; i < runs; i++) time();
  const theirs = await runPython([...files, rows, numClasses, rows * numClasses > 2e7 ? 1 : runs]);
  for (let i = 0; i < runs; i++) time();
  const best = Math.min(...ours);
  console.log(`\n${size} ${values.logits ? "logits" : "probabilities"}, CPU seconds, best of the runs`);
  print("@csl/metrics", best, best, mapC, `Node ${process.version}`);
  for (const [name, { version, seconds, mapC: value }] of Object.entries(theirs.results)) {
    print(name, Math.min(...seconds), best, value, version);
  }
  for (const [name, reason] of Object.entries(theirs.missing)) console.log(`  ${name}: left out, ${reason}`);
}

function print(name: string, seconds: number, ours: number, mapC: number, version: string): void {
  const ratio = (seconds / ours).toFixed(1);
  console.log(
    `  ${name.padEnd(14)}${seconds.toFixed(3).padStart(9)} s${ratio.padStart(8)} x   mAP(C) ${mapC.toFixed(6)}   ${version}`,
  );
}

/** Long-tailed classes (0.1% to 20% positive), scores that separate them moderately; fully annotated. */
function drawMatrix(
  rows: number,
  numClasses: number,
): { scores: Float32Array<ArrayBuffer>; labels: Int8Array<ArrayBuffer> } {
  const random = mulberry32(1);
  const scores = new Float32Array(rows * numClasses);
  const labels = new Int8Array(rows * numClasses);
  const share = Float64Array.from({ length: numClasses }, (_, c) => 0.2 * 200 ** (-c / (numClasses - 1)));
  for (let i = 0; i < scores.length; i++) {
    const positive = random() < share[i % numClasses]!;
    // The sum of three uniforms is near enough to a normal, and the same in every engine.
    const noise = 2 * (random() + random() + random() - 1.5);
    labels[i] = positive ? 1 : 0;
    const logit = noise + (positive ? -1 : -3);
    scores[i] = values.logits ? logit : 1 / (1 + Math.exp(-logit));
  }
  return { scores, labels };
}

async function runPython(args: readonly (string | number)[]): Promise<Theirs> {
  const script = fileURLToPath(new URL("../../python/metrics.py", import.meta.url));
  const child = spawn(values.python, [script, ...args.map(String)], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const failure = await new Promise<string | null>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code) => resolve(code === 0 ? null : `exit code ${code}`));
  });
  if (failure === null) return JSON.parse(output) as Theirs;
  return {
    missing: {
      Python: `${values.python} failed (${failure}). Pass --python; it needs numpy, scikit-learn, torch, torchmetrics.`,
    },
    results: {},
  };
}
