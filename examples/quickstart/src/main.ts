/**
 * The whole method on the embedded picture set, as the `csl` commands that a person would type:
 *
 *     draw scenes → drop labels → temporary model (Ignore) → class prior → CSL, and Negative to compare → tags
 *
 * Everything lands in `out/`: pictures, labels, checkpoints, logs, the annotated picture and report.md.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { formatDuration, runCommand } from "@csl/trainer/command";
import { classes, modes, plans, size } from "./plan.js";
import { formatReport, formatTable, type ModeResult } from "./report.js";

const started = Date.now();
const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const small = process.argv.includes("--small");
const plan = small ? plans.small : plans.full;
const out = join(root, small ? "out/quickstart-small" : "out/quickstart");
const at = (...parts: string[]): string => join(out, ...parts);
const scenes = at("scenes");
const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());

let step = 0;
async function csl(why: string, ...args: (string | number)[]): Promise<void> {
  interrupted.signal.throwIfAborted();
  step++;
  const shown = args.map((arg) => (String(arg).startsWith(root) ? relative(root, String(arg)) : arg)).join(" ");
  console.log(`\n${step}. ${why}  [${formatDuration((Date.now() - started) / 1000)}]\n$ csl ${shown}`);
  await runCommand(args.map(String), { signal: interrupted.signal });
}

const data = ["--data", scenes, "--workers", 0, "--batch-size", plan.batchSize];
const training = [
  ...["--labels", at("labels"), "--model-name", "tresnet_tiny", "--image-size", size, "--epochs", plan.epochs],
  ...["--lr", 3e-3, "--augment", "none", "--cache", "memory", "--ema-decay", 0.99, "--ema-warmup"],
  ...["--validate-every", plan.epochs],
];
const prior = at("prior.json");

await mkdir(out, { recursive: true });
await csl(
  "Draw the pictures: COCO classes on photographed backgrounds, every label known.",
  ...["scenes", scenes, "--size", size, "--classes", classes],
  ...["--train", plan.train, "--val", plan.val, "--ood", plan.ood],
);
await csl(
  "Forget labels: each one is dropped with probability one half.",
  ...["simulate", "--data", scenes, "--out", at("labels")],
  ...["--simulate-partial-type", "rps", "--simulate-partial-param", plan.dropRate],
);
await csl("Look at what is left.", "diagnose", "--data", scenes, "--labels", at("labels"));

const results: ModeResult[] = [];
for (const mode of modes(prior)) {
  const folder = at(mode.folder);
  const model = join(folder, "best.safetensors");
  const temporary = mode.folder === "ignore";
  await csl(
    `Train: ${mode.name}${temporary ? ", which is also the temporary model" : ""}.`,
    ...["train", ...data, ...training, ...mode.flags, "--path-dest", folder],
  );
  await csl("Score it on new pictures.", "evaluate", ...data, "--model-path", model, "--json", join(folder, "val.json"));
  await csl(
    "Score it in unseen drawing styles on unseen backgrounds.",
    ...["evaluate", ...data, "--split", "ood", "--model-path", model, "--json", join(folder, "ood.json")],
  );
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8"));
  results.push({ name: mode.name, val: await read("val.json"), ood: await read("ood.json") });
  if (temporary) {
    await csl(
      "Estimate the class prior: the temporary model's mean prediction.",
      ...["estimate-prior", ...data, "--model-path", model, "--out", prior],
    );
  }
}

const picture = join(scenes, "val", "000007.jpg");
await csl(
  "Tag a picture that no model has seen.",
  ...["infer", picture, "--model-path", at("csl", "best.safetensors"), "--th", 0.5, "--top-k", 8, "--out", at("tags")],
);

const seconds = (Date.now() - started) / 1000;
await writeFile(at("report.md"), formatReport({ plan, results, prior: JSON.parse(await readFile(prior, "utf8")), seconds }));
console.log(`\n${formatTable(results)}\n`);
console.log(`Done in ${formatDuration(seconds)}. Report: ${relative(process.cwd(), at("report.md"))}, annotated picture: ${relative(process.cwd(), at("tags"))}`);
