/**
 * The whole method on the embedded image set, as `csl` commands:
 *
 *     draw scenes → drop labels → temporary model (Ignore) → class prior → CSL, and Negative to compare → tags
 *
 * Everything is written to `out/quickstart/`: images, labels, checkpoints, logs, annotated images and report.md.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatDuration, runCommand, stopOnSignals } from "@csl/cli";
import { classes, type Flags, modes, plans, size } from "./plan.js";
import { formatReport, formatTable, type ModeResult } from "./report.js";

// The same engine everywhere, so that the stated time holds; CSL_ENGINE names another one that `csl engines` lists.
process.env.CSL_ENGINE ??= "wasm";
const started = Date.now();
process.chdir(join(dirname(fileURLToPath(import.meta.url)), "../../..")); // the repository's root
const small = process.argv.includes("--small");
const plan = small ? plans.small : plans.full;
const out = small ? "out/quickstart-small" : "out/quickstart";
const at = (...parts: string[]): string => join(out, ...parts);
const { signal, exitCode } = stopOnSignals();

const scenes = at("scenes");
let step = 0;
const prior = at("prior.json");
const data: Flags = { data: scenes, workers: 0, "batch-size": 32 };
const training: Flags = {
  labels: at("labels"),
  "model-name": "tresnet_tiny",
  "image-size": size,
  epochs: plan.epochs,
  "validate-every": plan.epochs,
  lr: 0.01,
  augment: "none",
  cache: "memory",
  "ema-decay": 0.99,
  "ema-warmup": true,
  overwrite: true, // a second quick start replaces the first
};

try {
  await quickstart();
} catch (error) {
  console.error(signal.aborted ? "\nstopped" : `\n${(error as Error).message}`);
  process.exitCode = exitCode() ?? 1;
}

async function quickstart(): Promise<void> {
  await mkdir(out, { recursive: true });
  await csl("Draw images: COCO classes on photographed backgrounds, every label known.", ["scenes", scenes], {
    size,
    classes,
    train: plan.train,
    val: plan.val,
    ood: plan.ood,
  });
  await csl("Drop labels: each one with probability one half.", ["simulate"], {
    data: scenes,
    out: at("labels"),
    "simulate-partial-type": "rps",
    "simulate-partial-param": plan.dropRate,
  });
  await csl("Look at what is left.", ["diagnose"], { data: scenes, labels: at("labels") });

  const results: ModeResult[] = [];
  for (const { name, folder, flags } of modes(prior)) {
    const temporary = folder === "ignore";
    const model = { "model-path": at(folder, "best.safetensors") };
    const why = temporary ? `Train ${name}, which is also the temporary model.` : `Train ${name}.`;
    await csl(why, ["train"], { ...data, ...training, ...flags, "path-dest": at(folder) });
    for (const split of ["val", "ood"]) {
      const on = split === "val" ? "new images" : "drawing styles and backgrounds that training never showed";
      await csl(`Score it on ${on}.`, ["evaluate"], {
        ...data,
        ...model,
        split,
        json: at(folder, `${split}.json`),
      });
    }
    results.push({ name, val: await json(folder, "val.json"), ood: await json(folder, "ood.json") });
    if (temporary) {
      const flagsOfPrior = { ...data, ...model, out: prior, json: at("prior-report.json") };
      await csl(
        "Estimate the class prior: the temporary model's mean prediction.",
        ["estimate-prior"],
        flagsOfPrior,
      );
    }
  }

  const images = (await readdir(join(scenes, "val"))).sort().slice(0, 3);
  await csl(
    "Tag images that no model has seen.",
    ["infer", ...images.map((name) => join(scenes, "val", name))],
    { "model-path": at("csl", "best.safetensors"), th: 0.5, "top-k": 8, out: at("tags") },
  );

  const seconds = (Date.now() - started) / 1000;
  await writeFile(
    at("report.md"),
    formatReport(results, { plan, prior: await json("prior-report.json"), images, seconds }),
  );
  console.log(`\n${formatTable(results)}\n`);
  console.log(
    `Done in ${formatDuration(seconds)}. ${at("report.md")} has the results; the tagged images are in ${at("tags")}.`,
  );
}

/** Says why, shows the command line and runs it in this process. */
async function csl(why: string, words: string[], flags: Flags): Promise<void> {
  signal.throwIfAborted();
  step++;
  const given = Object.entries(flags).flatMap(([name, value]) => [
    `--${name}`,
    ...(value === true ? [] : [String(value)]),
  ]);
  const line = [...words, ...given];
  const elapsed = formatDuration((Date.now() - started) / 1000);
  console.log(`\n${step}. ${why}  [${elapsed}]\n$ csl ${line.join(" ")}`);
  await runCommand(line, { signal });
}

async function json(...parts: string[]) {
  return JSON.parse(await readFile(at(...parts), "utf8"));
}
