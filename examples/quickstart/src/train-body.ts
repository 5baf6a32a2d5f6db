/**
 * Trains the body that the quick start begins with, and puts it into @csl/scenes:
 *
 *     pnpm --filter @csl/example-quickstart train-body
 *
 * Its scenes show none of the classes, styles and backgrounds of the quick start; all labels are known. The numbers do
 * not depend on the machine's load, only on the engine, which is wasm as in the quick start.
 */
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "@csl/cli";

process.env.CSL_ENGINE ??= "wasm";
process.chdir(fileURLToPath(new URL("../../..", import.meta.url))); // the repository's root
const out = join("out", "body");
const scenes = join(out, "scenes");
const weights = join("packages", "scenes", "weights");

const drawing = {
  part: "pretraining",
  classes: 45,
  train: 12_000,
  val: 1000,
  ood: 0,
  "long-tail": 0.2,
  seed: 77,
};
const training = {
  "model-name": "tresnet_tiny",
  "image-size": 64,
  "batch-size": 32,
  epochs: 20,
  "validate-every": 20,
  lr: 0.01,
  augment: "none",
  cache: "memory",
  workers: 0,
  "ema-decay": 0.995,
  "partial-loss-mode": "negative",
  "gamma-neg": 0,
  "gamma-unann": 0,
};

const words = (flags: object): string[] =>
  Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);

await runCommand(["scenes", scenes, ...words(drawing)]);
await rm(join(out, "run"), { recursive: true, force: true });
await runCommand([
  "train",
  "--data",
  scenes,
  ...words(training),
  "--ema-warmup",
  "--path-dest",
  join(out, "run"),
]);
await mkdir(weights, { recursive: true });
await copyFile(join(out, "run", "best.safetensors"), join(weights, "tresnet_tiny.scenes.safetensors"));
const { best } = JSON.parse(await readFile(join(out, "run", "result.json"), "utf8"));
await writeFile(
  join(weights, "result.json"),
  `${JSON.stringify({ mapC: best.score, drawing, training }, null, 2)}\n`,
);
