import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { drawScenes } from "@csl/scenes";
import { type CpuProfile, secondsUnder } from "./cpu-profile.js";

// What a run's report adds to its validations, with many classes and the smallest network: a short `csl train` under node's
// profiler. The main thread's time in functions of the report and its pages, those of the whole run (also what is written at the
// start and at the end), over the seconds of its validations. With several trees, as of two commits, their trainings alternate.
//   pnpm --filter @csl/benchmarks report-cost [--classes 600] [--images 400] [--repeats 3] [--tree . --tree ../other-checkout]

const { values } = parseArgs({
  options: {
    classes: { type: "string", default: "600" },
    images: { type: "string", default: "400" },
    epochs: { type: "string", default: "2" },
    repeats: { type: "string", default: "3" },
    size: { type: "string", default: "64" },
    tree: { type: "string", multiple: true, default: ["."] },
    out: { type: "string", default: "outputs/report-cost" },
  },
});
const caller = process.env.INIT_CWD ?? process.cwd();
const out = resolve(caller, values.out);
const size = Number(values.size);
await mkdir(out, { recursive: true });
const labels = await writeLabels();

console.log("tree | validations | entries | pages | together | share");
for (let repeat = 1; repeat <= Number(values.repeats); repeat++)
  for (const tree of values.tree) await measure(resolve(caller, tree), repeat);

async function measure(tree: string, repeat: number): Promise<void> {
  const name = `${values.tree.findIndex((other) => resolve(caller, other) === tree)}-${repeat}`;
  const [run, profiles] = [join(out, `run-${name}`), join(out, `profile-${name}`)];
  for (const folder of [run, profiles]) await rm(folder, { recursive: true, force: true });
  const program = [
    ...["--conditions=@csl/source", "--import", join(tree, "node_modules/tsx/dist/esm/index.mjs")],
    ...["--cpu-prof", "--cpu-prof-dir", profiles, join(tree, "packages/cli/src/main.ts")],
  ];
  const flags = {
    ...{ data: labels, "path-dest": run, engine: "wasm", threads: 1, workers: 0, augment: "none" },
    ...{ "model-name": "tresnet_tiny", head: "linear", "image-size": size, "batch-size": 32, seed: 0 },
    ...{ "likelihood-topk": 5, epochs: values.epochs, "validate-every": 1 },
  };
  const words = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  await promisify(execFile)(process.execPath, [...program, "train", ...words], { cwd: tree });
  const log = (await readFile(join(run, "log.jsonl"), "utf8")).trim().split("\n");
  const validations = log
    .map((line) => JSON.parse(line) as { type: string; seconds: number })
    .filter(({ type }) => type === "validation");
  const seconds = validations.reduce((sum, validation) => sum + validation.seconds, 0);
  const profile = await mainProfile(profiles);
  const entries = secondsUnder(profile, /\/report\/scored-images\./);
  const all = secondsUnder(profile, /\/src\/(report|pages)\//, /\/report\/ignored-entries\./);
  console.log(
    [
      relative(caller, tree) || ".",
      `${validations.length} of ${seconds.toFixed(1)} s`,
      ...[entries, all - entries, all].map((value) => `${(1000 * value).toFixed(0)} ms`),
      `${((100 * all) / seconds).toFixed(2)} %`,
    ].join(" | "),
  );
}

/** The largest: workers leave profiles of their own. */
async function mainProfile(folder: string): Promise<CpuProfile> {
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
  );
  return JSON.parse(texts.sort((a, b) => b.length - a.length)[0]!) as CpuProfile;
}

/** Drawn images with random labels: of each class 2 % annotated as present and 20 % as absent. */
async function writeLabels(): Promise<string> {
  const [train, val, numClasses] = [128, Number(values.images), Number(values.classes)];
  const folder = join(out, "scenes");
  await drawScenes({ folder, size, train, val, ood: 0, classes: 12 });
  const random = mulberry32(1);
  const names = Array.from({ length: numClasses }, (_, c) => `class ${c}`);
  const rows = ["path,positives,negatives,split"];
  for (const split of ["train", "val"])
    for (const image of (await readdir(join(folder, split))).sort()) {
      const draws = names.map(() => random());
      const some = (from: number, to: number): string =>
        names.filter((_, c) => draws[c]! >= from && draws[c]! < to).join(";");
      rows.push(`scenes/${split}/${image},${some(0, 0.02)},${some(0.02, 0.22)},${split}`);
    }
  const path = join(out, "labels.csv");
  await writeFile(path, `${rows.join("\n")}\n`);
  return path;
}
