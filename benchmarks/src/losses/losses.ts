// Trains every loss of `csl train --loss`, and the modes of csl, on scenes with dropped labels, with several seeds, and
// prints mean and standard deviation of the best mAP(C). Finished trainings are skipped: the same command continues.
//
//   pnpm --filter @csl/benchmarks losses --out FOLDER [--seeds 3] [--train 1500] [--val 500] [--classes 20] [--size 64]
//     [--epochs 3] [--batch-size 32] [--lr 5e-3] [--engine wasm] [--only hill,splc] [--schemes rps,fpc,single]
//     [--model-path tresnet_tiny.scenes] [--fpc 150]
import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { isCslError } from "@csl/internal/errors/csl-error";
import { appendLine, finishedLines, type Line } from "./finished-lines.js";
import { lossLines } from "./loss-lines.js";
import { formatTable } from "./results-table.js";
import { quietly, trainLine } from "./train-line.js";

const { values: flags } = parseArgs({
  options: {
    out: { type: "string", default: "losses-benchmark" },
    seeds: { type: "string", default: "3" },
    train: { type: "string", default: "1500" },
    val: { type: "string", default: "500" },
    classes: { type: "string", default: "20" },
    size: { type: "string", default: "64" },
    epochs: { type: "string", default: "3" },
    "batch-size": { type: "string", default: "32" },
    lr: { type: "string", default: "5e-3" },
    engine: { type: "string", default: "wasm" },
    fpc: { type: "string", default: "150" },
    only: { type: "string" },
    schemes: { type: "string", default: "rps,fpc,single" },
    "model-path": { type: "string", default: "tresnet_tiny.scenes" },
  },
});
const out = resolve(process.env.INIT_CWD ?? ".", flags.out);
const schemes: Readonly<Record<string, string[]>> = {
  rps: ["--simulate-partial-type", "rps", "--simulate-partial-param", "0.5"],
  fpc: ["--simulate-partial-type", "fpc", "--simulate-partial-param", flags.fpc],
  single: ["--simulate-partial-type", "k-positives", "--simulate-partial-param", "1"],
};

await mkdir(out, { recursive: true });
const scenes = join(out, "scenes");
const { train, val, classes, size } = flags;
const drawing = ["--train", train, "--val", val, "--ood", "0", "--classes", classes, "--size", size];
await quietly(["scenes", scenes, ...drawing, "--part", "fine-tuning"]);
const training = [
  ...["--model-name", "tresnet_tiny", "--image-size", size, "--epochs", flags.epochs, "--lr", flags.lr],
  ...["--batch-size", flags["batch-size"], "--engine", flags.engine, "--augment", "none"],
  ...["--ema-decay", "0.99", "--ema-warmup", "--validate-every", flags.epochs],
  ...["--workers", "0", "--cache", "memory"],
  ...["--model-path", flags["model-path"]],
];
const only = flags.only?.split(",");
const lines = lossLines(await positivesPerImage(scenes)).filter(({ name }) => !only || only.includes(name));

const log = join(out, "results.jsonl");
const done = await finishedLines(log);
// A seed after the other: whatever is finished is a table with fewer seeds.
for (let seed = 1; seed <= Number(flags.seeds); seed++)
  for (const scheme of flags.schemes.split(","))
    for (const { name, flags: own } of lines) {
      const setting = [...own, ...schemes[scheme]!, ...training].join(" ");
      const same = (line: Line): boolean =>
        line.scheme === scheme && line.seed === seed && line.setting === setting;
      if (done.some(same)) continue;
      const folder = join(out, `${scheme}-${name.replaceAll(" ", "-")}-${seed}`);
      const mapC = await scoreOf(["--data", scenes, ...setting.split(" "), "--seed", `${seed}`], folder);
      const line = { scheme, name, seed, setting, mapC };
      await appendLine(log, line);
      done.push(line);
    }
// Lines of other settings in the same folder stay in the file and out of the table.
const shown = done.filter(({ setting }) => setting.endsWith(training.join(" ")));
console.log(formatTable(shown, { schemes: flags.schemes.split(","), lines }));

/** Best mAP(C) in percent; null where the command refuses labels of which the loss can learn nothing. */
async function scoreOf(words: readonly string[], folder: string): Promise<number | null> {
  try {
    return await trainLine(words, folder);
  } catch (error) {
    if (!isCslError(error, "mismatch")) throw error;
    console.error(error.message);
    return null;
  }
}

/** What `--expected-positives` is told: of the full labels of the training split. */
async function positivesPerImage(folder: string): Promise<number> {
  const text = await readFile(join(folder, "annotations/instances_train.json"), "utf8");
  const { annotations } = JSON.parse(text) as { annotations: { image_id: number; category_id: number }[] };
  const pairs = new Set(annotations.map(({ image_id, category_id }) => `${image_id} ${category_id}`));
  const images = new Set(annotations.map(({ image_id }) => image_id));
  return Number((pairs.size / images.size).toFixed(2));
}
