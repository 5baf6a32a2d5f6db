import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { readSafetensors } from "@csl/checkpoints";
import { listEngines } from "@csl/engine";

// What `csl verify` says of a run on every other engine that this machine has, and how far the logits are from those of the engine
// that trained it: its "within noise" allows 0.002 in float32 and 0.2 in bf16. Then it trains the run again.
//   pnpm --filter @csl/benchmarks verify-engines [--out FOLDER] [--engine wasm] [--size 64] [--val 200] [--no-retrain]

const { values } = parseArgs({
  allowNegative: true,
  options: {
    out: { type: "string", default: "outputs/verify-engines" },
    engine: { type: "string", default: "wasm" },
    size: { type: "string", default: "64" },
    train: { type: "string", default: "200" },
    val: { type: "string", default: "200" },
    epochs: { type: "string", default: "2" },
    retrain: { type: "boolean", default: true },
  },
});
const out = resolve(process.env.INIT_CWD ?? ".", values.out);
const scenes = join(out, "scenes");
const runs = [1, 2].map((seed) => join(out, `run-${seed}`)) as [string, string];

const sizes = ["--train", values.train, "--val", values.val, "--ood", "0", "--size", values.size];
await csl(["scenes", scenes, ...sizes, "--part", "fine-tuning"]);
for (const [i, run] of runs.entries())
  await csl([
    ...["train", "--data", scenes, "--path-dest", run, "--overwrite", "--seed", `${i + 1}`],
    ...["--model-name", "tresnet_tiny", "--model-path", "tresnet_tiny.scenes", "--image-size", values.size],
    ...["--epochs", values.epochs, "--batch-size", "32", "--lr", "5e-3", "--augment", "none"],
    ...["--workers", "0", "--engine", values.engine],
  ]);
const reference = await logitsOn(["--engine", values.engine]);
console.log("engine | largest and mean difference of a logit | csl verify | mAP(C) then, now");
for (const { name, available } of await listEngines()) {
  if (!available) continue;
  const precisions = name.startsWith("torch") ? ["float32", "bf16"] : ["float32"];
  for (const precision of precisions) await look(name, precision);
}
if (values.retrain) {
  const { retraining } = await verified(["--engine", values.engine, "--retrain"]);
  console.log(`trained again on ${values.engine}: ${retraining.verdict}`);
}

async function look(engine: string, precision: string): Promise<void> {
  const flags = ["--engine", engine, "--precision", precision];
  const logits = await logitsOn(flags);
  let [largest, sum] = [0, 0];
  for (const [i, logit] of logits.entries()) {
    const difference = Math.abs(logit - reference[i]!);
    largest = Math.max(largest, difference);
    sum += difference;
  }
  const { verdict, recorded, now } = await verified(flags);
  const numbers = [largest, sum / logits.length].map((value) => value.toExponential(1));
  const scores = [recorded, now].map(({ mapC }) => (100 * mapC).toFixed(3));
  console.log([`${engine}, ${precision}`, numbers.join(", "), verdict, scores.join(", ")].join(" | "));
}

/** Of the first run, as `csl compare` keeps them. */
async function logitsOn(flags: readonly string[]): Promise<Float32Array> {
  for (const run of runs) await rm(join(run, "scores.safetensors"), { force: true });
  await csl(["compare", ...runs, "--keep-scores", "--draws", "100", "--workers", "0", ...flags]);
  const { tensors } = await readSafetensors(join(runs[0], "scores.safetensors"));
  return tensors.get("scores")!.data as Float32Array;
}

async function verified(flags: readonly string[]) {
  const json = join(out, "verification.json");
  // A run that is different ends the command with 2, and what differs is in the file.
  await csl(["verify", runs[0], "--workers", "0", ...flags, "--json", json, "--overwrite"]).catch(
    (error: { code?: number }) => {
      if (error.code !== 2) throw error;
    },
  );
  return JSON.parse(await readFile(json, "utf8"));
}

/** In a process of its own: each starts its engine with its precision. */
async function csl(words: readonly string[]): Promise<void> {
  const main = fileURLToPath(new URL("../../../packages/cli/src/main.ts", import.meta.url));
  await promisify(execFile)(process.execPath, [
    "--conditions=@csl/source",
    "--import",
    "tsx",
    main,
    ...words,
  ]);
}
