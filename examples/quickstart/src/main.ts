/**
 * The whole method on the embedded image set, as `csl` commands:
 *
 *     draw scenes → drop labels → temporary model (Ignore) → class prior → CSL, and Negative to compare → tags
 *
 * Everything is written to `out/quickstart/`: images, labels, checkpoints, logs, annotated images and report.md. Run
 * again, it skips what is finished. `--seed 1` drops other labels and trains in another order, beside it, on the same images.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { formatDuration, runCommand, stopOnSignals } from "@csl/cli";
import { classes, models, plans, scheme, size } from "./plan.js";
import { formatReport, formatSummary, type ModelResult } from "./report.js";

/** Flags of a `csl` command by name; `true` is a flag without a value. */
type Flags = Record<string, string | number | true>;

// The same engine everywhere, so that the stated time holds; CSL_ENGINE names another one that `csl engines` lists.
process.env.CSL_ENGINE ??= "wasm";
const started = Date.now();
process.chdir(join(dirname(fileURLToPath(import.meta.url)), "../../..")); // the repository's root
const { small, seed } = readFlags();
const plan = small ? plans.small : plans.full;
const folder = join("out", small ? "quickstart-small" : "quickstart");
const out = seed === "0" ? folder : `${folder}-seed-${seed}`;
const at = (...parts: string[]): string => join(out, ...parts);
const { signal, exitCode } = stopOnSignals();

const scenes = join(folder, "scenes");
const labels = at("labels");
const run = at("run");
const data: Flags = { data: scenes, workers: 0, "batch-size": 32 };
let step = 0;

try {
  await quickstart();
} catch (error) {
  console.error(signal.aborted ? "\nstopped; the same command continues" : `\n${(error as Error).message}`);
  process.exitCode = exitCode() ?? 1;
}

function readFlags(): { small: boolean; seed: string } {
  try {
    return parseArgs({
      options: { small: { type: "boolean", default: false }, seed: { type: "string", default: "0" } },
    }).values;
  } catch (error) {
    console.error(
      `npm start: ${(error as Error).message.split("\n")[0]!.replace(/\.?$/, ".")} It takes --small and --seed NUMBER, behind --.`,
    );
    process.exit(1);
  }
}

async function quickstart(): Promise<void> {
  console.log(
    `\nClass-aware Selective Loss, from drawn images to tags${small ? "" : ", in about five minutes on two cores"}. Each step is a csl command.\n` +
      `Ctrl-C stops it, and the same command continues. Everything goes to ${out}.`,
  );
  await mkdir(out, { recursive: true });
  await csl("Draw images: COCO classes on photographed backgrounds, every label known.", ["scenes", scenes], {
    part: "fine-tuning",
    size,
    classes,
    train: plan.train,
    val: plan.val,
    ood: plan.ood,
  });
  await csl(
    `Drop labels: ${plan.annotations} images that show a class, and as many that do not, stay annotated.`,
    ["simulate"],
    {
      data: scenes,
      out: labels,
      "simulate-partial-type": scheme,
      "simulate-partial-param": plan.annotations,
      seed,
    },
  );
  await csl(
    "The method: look at the labels, temporary model, class prior, CSL; and Negative, to compare.",
    ["run", join("examples", "quickstart", "recipe.json")],
    {
      data: scenes,
      labels,
      "path-dest": run,
      compare: true,
      seed,
      epochs: plan.epochs,
      "validate-every": plan.epochs,
    },
  );

  const results: ModelResult[] = [];
  for (const { name, folder } of models) {
    await csl(`Score ${name} on drawing styles and backgrounds that no training showed.`, ["evaluate"], {
      ...data,
      "model-path": join(run, folder, "best.safetensors"),
      split: "ood",
      json: join(run, folder, "ood.json"),
    });
    results.push({ name, val: await json(folder, "evaluation.json"), ood: await json(folder, "ood.json") });
  }
  const images = (await readdir(join(scenes, "val"))).sort().slice(0, 3);
  await csl(
    "Tag images that no model has seen.",
    ["infer", ...images.map((name) => join(scenes, "val", name))],
    { "model-path": join(run, "csl", "best.safetensors"), out: at("tags") },
  );

  const seconds = (Date.now() - started) / 1000;
  const prior = await json("prior-report.json");
  const { choices } = await json("csl", "config.json");
  await writeFile(at("report.md"), formatReport(results, { plan, prior, choices, images, seconds }));
  console.log(`\n${formatSummary(results, { prior, choices })}\n`);
  console.log(
    `Done in ${formatDuration(seconds)}. ${at("report.md")} has the results, ${at("run", "report.html")} the curves, classes and images of each training; the tagged images are in ${at("tags")}.`,
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
  return JSON.parse(await readFile(join(run, ...parts), "utf8"));
}
