/**
 * Trains the body that the quick start begins with, and puts it into @csl/scenes:
 *
 *     pnpm --filter @csl/example-quickstart train-body
 *
 * Its scenes show none of the classes, styles and backgrounds of the quick start; all labels are known. The numbers do
 * not depend on the machine's load, only on the engine, which is wasm as in the quick start.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
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
const file = await readFile(join(out, "run", "best.safetensors"));
await writeFile(join(weights, "tresnet_tiny.scenes.safetensors"), file);
const { best, chance } = JSON.parse(await readFile(join(out, "run", "result.json"), "utf8"));
const percent = (share: number): string => (100 * share).toFixed(2);
await writeFile(
  join(weights, "MODEL_CARD.md"),
  `# tresnet_tiny.scenes

A body to fine-tune on drawn scenes: \`tresnet_tiny\`, ${drawing.classes} classes, ${training["image-size"]} pixels, RGB in [0, 1].

- Made by: \`pnpm --filter @csl/example-quickstart train-body\` (${training.epochs} epochs, seed 0 of the training)
- Data: ${drawing.train} scenes of the part \`pretraining\`, seed ${drawing.seed}, all labels known. None of the classes, styles and
  backgrounds of the part \`fine-tuning\` or of the ood split is in them.
- mAP(C) on ${drawing.val} further scenes of the same part: ${percent(best.score)} (chance ${percent(chance.mapC)})
- SHA-256 of the file: ${createHash("sha256").update(file).digest("hex")}
- Licence: MIT. The drawings are of fluent-emoji-flat (MIT) and emojione (CC BY 4.0), the photographs CC0; NOTICE has the credits.
`,
);
