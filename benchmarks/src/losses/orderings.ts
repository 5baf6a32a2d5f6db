// Trains Ignore, Negative and CSL on scenes with dropped labels, with several seeds, and prints mean and deviation of the
// best mAP(C), the paper's orderings with intervals over the seeds, and the rank correlations of the models' priors with
// the true class frequencies. Finished trainings are skipped: the same command continues.
//
//   pnpm --filter @csl/benchmarks orderings --out FOLDER            Ignore, Negative and CSL auto, one strength a scheme
//   pnpm --filter @csl/benchmarks orderings --out FOLDER --all      fixed CSL settings as well, three strengths a scheme
//     [--seeds 3 or 2,3] [--schemes rps-0.5,fpc-30] [--only "ignore;csl auto"] [--train 1000] [--val 800] [--size 32] [--long-tail 1.2]
//     [--epochs 6] [--batch-size 32] [--lr 5e-3] [--engine wasm] [--model-path tresnet_tiny.scenes]
import { access, mkdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { appendLine, finishedLines, type Line } from "./finished-lines.js";
import { formatCorrelations, formatOrderings } from "./orderings-report.js";
import { formatTable } from "./results-table.js";
import { type SelectionLine, selectionLines } from "./selection-lines.js";
import { quietly, trainLine } from "./train-line.js";

const { values: flags } = parseArgs({
  options: {
    out: { type: "string", default: "orderings-benchmark" },
    all: { type: "boolean", default: false },
    seeds: { type: "string", default: "3" },
    schemes: { type: "string" },
    only: { type: "string" },
    train: { type: "string", default: "1000" },
    val: { type: "string", default: "800" },
    size: { type: "string", default: "32" },
    "long-tail": { type: "string", default: "1.2" },
    epochs: { type: "string", default: "6" },
    "batch-size": { type: "string", default: "32" },
    lr: { type: "string", default: "5e-3" },
    engine: { type: "string", default: "wasm" },
    "model-path": { type: "string", default: "tresnet_tiny.scenes" },
  },
});
const out = resolve(process.env.INIT_CWD ?? ".", flags.out);
const schemes = (
  flags.schemes ?? (flags.all ? "rps-0.5,rps-0.7,rps-0.9,fpc-15,fpc-30,fpc-60" : "rps-0.5,fpc-30")
).split(",");
const only = (flags.only ?? (flags.all ? undefined : "ignore;negative;csl auto"))?.split(";");
/** A number of seeds, or the seeds themselves: `3` or `2,3`. */
const seeds = flags.seeds.includes(",")
  ? flags.seeds.split(",").map(Number)
  : Array.from({ length: Number(flags.seeds) }, (_, i) => i + 1);
const scenes = join(out, "scenes");
const { train, val, size, epochs, lr, engine } = flags;
const training = [
  ...["--model-name", "tresnet_tiny", "--model-path", flags["model-path"], "--image-size", size],
  ...["--epochs", epochs, "--validate-every", epochs, "--lr", lr, "--batch-size", flags["batch-size"]],
  ...["--engine", engine, "--augment", "none", "--workers", "0", "--cache", "memory"],
  ...["--ema-decay", "0.99", "--ema-warmup"],
];
const linesOf = (scheme: string): SelectionLine[] =>
  selectionLines(scheme).filter(({ name }) => !only || only.includes(name));
const priorOf = (scheme: string, seed: number): string => join(out, "priors", `${scheme}-${seed}.json`);

await mkdir(join(out, "priors"), { recursive: true });
await quietly([
  ...["scenes", scenes, "--train", train, "--val", val, "--ood", "0", "--size", size],
  ...["--part", "fine-tuning", "--long-tail", flags["long-tail"]],
]);
const log = join(out, "results.jsonl");
const done = await finishedLines(log);
// A seed after the other: whatever is finished is a table with fewer seeds.
for (const seed of seeds)
  for (const scheme of schemes)
    for (const line of linesOf(scheme)) {
      const setting = settingOf(line, scheme);
      const isDone = done.some(
        (one) => one.scheme === scheme && one.seed === seed && one.setting === setting,
      );
      if (isDone && (line.name !== "ignore" || (await exists(priorOf(scheme, seed))))) continue;
      const result = await trained(line, { scheme, seed, setting });
      if (!isDone) {
        await appendLine(log, result);
        done.push(result);
      }
    }
// Lines of other settings in the same folder stay in the file and out of the tables.
const shown = done.filter(
  ({ scheme, setting, seed }) =>
    seeds.includes(seed) &&
    schemes.includes(scheme) &&
    linesOf(scheme).some((line) => settingOf(line, scheme) === setting),
);
const names = linesOf(schemes[0]!).map(({ name }) => ({ name }));
console.log(`${formatTable(shown, { schemes, lines: names })}\n`);
console.log(`${formatOrderings(shown, schemes)}\n`);
console.log(formatCorrelations(shown, schemes));

/** The flags that decide the result, but for seed, folder and prior. */
function settingOf(line: SelectionLine, scheme: string): string {
  const [type, parameter] = scheme.split("-") as [string, string];
  const dropping = ["--simulate-partial-type", type, "--simulate-partial-param", parameter];
  return [...line.flags, ...dropping, ...training].join(" ");
}

async function trained(
  { name, prior }: SelectionLine,
  { scheme, seed, setting }: { scheme: string; seed: number; setting: string },
): Promise<Line> {
  const folder = join(out, "run");
  await rm(folder, { recursive: true, force: true });
  const given = prior === "takes" ? ["--prior-path", priorOf(scheme, seed)] : [];
  const mapC = await trainLine(
    ["--data", scenes, ...setting.split(" "), "--seed", `${seed}`, ...given],
    folder,
  );
  const line: Line = { scheme, name, seed, setting, mapC };
  if (prior === "takes") {
    const { choices } = await json(join(folder, "config.json"));
    return choices ? { ...line, choices } : line;
  }
  const report = join(folder, "prior-report.json");
  await quietly([
    ...[
      "estimate-prior",
      "--data",
      scenes,
      "--model-path",
      join(folder, "best.safetensors"),
      "--workers",
      "0",
    ],
    ...["--engine", engine, "--json", report, "--overwrite", "--out"],
    name === "ignore" ? priorOf(scheme, seed) : join(folder, "prior.json"),
  ]);
  return { ...line, rankCorrelation: (await json(report)).rankCorrelation ?? undefined };
}

async function json(path: string) {
  return JSON.parse(await readFile(path, "utf8"));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
