import { access, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readSafetensors } from "@csl/checkpoints";
import { runCommand } from "@csl/cli";
import { mulberry32, type Random } from "@csl/internal/random/mulberry32";
import { shuffledIndices } from "@csl/internal/random/shuffled-indices";
import { compareScores, evaluate } from "@csl/metrics";
import { quietly } from "../losses/train-line.js";

// Whether the intervals of `csl compare` between two settings hold the true difference: real trainings of Ignore and Negative on
// scenes with dropped labels (RPS), many seeds each. Half of the validation scenes say what is true, by the seeds that are not
// compared; of the other half, sets of images are drawn and compared, with five seeds of each setting and with one.
// Finished trainings are skipped: the same command continues.
//   pnpm --filter @csl/benchmarks compare-settings --out FOLDER [--seeds 20] [--of 5] [--sets 100] [--images 300] [--engine torch]
//     [--minutes 8: begins no training after that]

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "outputs/compare-settings" },
    seeds: { type: "string", default: "20" },
    of: { type: "string", default: "5" },
    sets: { type: "string", default: "100" },
    images: { type: "string", default: "300" },
    draws: { type: "string", default: "400" },
    train: { type: "string", default: "500" },
    val: { type: "string", default: "4000" },
    size: { type: "string", default: "32" },
    epochs: { type: "string", default: "3" },
    engine: { type: "string", default: "torch" },
    minutes: { type: "string", default: "600" },
  },
});
const settings = { ignore: ["--gamma-neg", "0"], negative: ["--gamma-neg", "0", "--gamma-unann", "0"] };
type SettingName = keyof typeof settings;
const names = Object.keys(settings) as SettingName[];
const out = resolve(process.env.INIT_CWD ?? ".", values.out);
const scenes = join(out, "scenes");
const [seeds, compared] = [Number(values.seeds), Number(values.of)];
const engine = ["--engine", values.engine, "--workers", "0"];
const folderOf = (name: SettingName, seed: number): string => join(out, `${name}-${seed}`);
await mkdir(out, { recursive: true });

if (await trainAll()) await report();
else console.log("more is to be trained: the same command continues");

/** @returns whether all is done */
async function trainAll(): Promise<boolean> {
  const { train, val, size, epochs } = values;
  const started = Date.now();
  await quietly([
    ...["scenes", scenes, "--train", train, "--val", val, "--ood", "0", "--size", size],
    ...["--part", "fine-tuning", "--long-tail", "1.2"],
  ]);
  for (let seed = 1; seed <= seeds; seed++)
    for (const name of names) {
      const folder = folderOf(name, seed);
      if (await exists(join(folder, "result.json"))) continue;
      if (Date.now() - started > 60_000 * Number(values.minutes)) return false;
      await quietly([
        ...["train", "--data", scenes, "--path-dest", folder, "--overwrite", "--seed", `${seed}`, ...engine],
        ...["--simulate-partial-type", "rps", "--simulate-partial-param", "0.7"],
        ...["--partial-loss-mode", name, ...settings[name], "--ema-decay", "0"],
        ...["--model-name", "tresnet_tiny", "--model-path", "tresnet_tiny.scenes", "--image-size", size],
        ...["--epochs", epochs, "--validate-every", epochs, "--lr", "5e-3", "--batch-size", "32"],
        ...["--augment", "none", "--cache", "memory"],
      ]);
    }
  const all = names.map((name) => Array.from({ length: seeds }, (_, i) => folderOf(name, i + 1)).join(","));
  await quietly(["compare", ...all, "--keep-scores", "--draws", "100", ...engine]);
  return true;
}

async function report(): Promise<void> {
  const scores = await Promise.all(
    names.map((name) => Promise.all(Array.from({ length: seeds }, (_, i) => scoresOf(name, i + 1)))),
  );
  const [{ labels, numClasses }] = [scores[0]![0]!];
  const all = labels.length / numClasses;
  const order = shuffledIndices(all, mulberry32(1));
  const [known, pool] = [order.subarray(0, all / 2), order.subarray(all / 2)];
  const rowsOf = <T extends Float32Array | Int8Array>(table: T, images: ArrayLike<number>): T => {
    const part = table.slice(0, images.length * numClasses) as T;
    for (let i = 0; i < images.length; i++)
      part.set(table.subarray(images[i]! * numClasses, (images[i]! + 1) * numClasses), i * numClasses);
    return part;
  };
  const truths = scores.map((runs) =>
    runs.map((run) => {
      const part = { scores: rowsOf(run.scores, known), labels: rowsOf(labels, known), numClasses };
      const { mapC, mapO } = evaluate(part);
      return { mapC, mapO };
    }),
  );
  const metrics = ["mapC", "mapO"] as const;
  for (const [s, name] of names.entries())
    console.log(
      `${name}: ${metrics.map((metric) => `${metric} ${points(...spread(truths[s]!.map((own) => own[metric])))}`).join(", ")} (${seeds} seeds, ${known.length} scenes)`,
    );
  for (const count of [compared, 1]) {
    const random = mulberry32(2);
    const held = { mapC: 0, mapO: 0 };
    const width = { mapC: 0, mapO: 0 };
    const sets = Number(values.sets);
    for (let set = 0; set < sets; set++) {
      const images = some(pool, Number(values.images), random);
      const picked = scores.map((runs) => some(Uint32Array.from(runs.keys()), count, random));
      const [found] = compareScores({
        settings: scores.map((runs, s) => [...picked[s]!].map((i) => rowsOf(runs[i]!.scores, images))),
        ...{ labels: rowsOf(labels, images), numClasses, draws: Number(values.draws), seed: set + 1 },
      }).comparisons;
      for (const metric of metrics) {
        const [a, b] = truths.map(
          (runs, s) => spread(runs.flatMap((own, i) => (picked[s]!.includes(i) ? [] : [own[metric]])))[0],
        );
        const { low, high } = found![metric];
        held[metric] += Number(low <= b! - a! && b! - a! <= high);
        width[metric] += (high - low) / sets;
      }
    }
    console.log(
      `${count} seed${count > 1 ? "s" : ""} each, ${values.images} images: the interval holds the true difference of the settings in ` +
        metrics
          .map((metric) => `${held[metric]} (${metric}, mean width ${(100 * width[metric]).toFixed(2)})`)
          .join(" and ") +
        ` of ${sets} sets`,
    );
  }
  for (const count of [compared, 1]) {
    const words = names.map((name) =>
      Array.from({ length: count }, (_, i) => folderOf(name, i + 1)).join(","),
    );
    console.log(`\n$ csl compare ${words.map((word) => word.replaceAll(`${out}/`, "")).join(" ")}`);
    await runCommand(["compare", ...words, ...engine], { err: { write: () => {} } });
  }
}

/** So many of them, each once. */
function some(values: Uint32Array, count: number, random: Random): Uint32Array {
  return shuffledIndices(values.length, random)
    .subarray(0, count)
    .map((i) => values[i]!);
}

/** Mean and standard deviation. */
function spread(values: readonly number[]): [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return [mean, Math.sqrt(squares / (values.length - 1))];
}

function points(mean: number, deviation: number): string {
  return `${(100 * mean).toFixed(2)} ± ${(100 * deviation).toFixed(2)}`;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function scoresOf(name: SettingName, seed: number) {
  const { tensors } = await readSafetensors(join(folderOf(name, seed), "scores.safetensors"));
  const [scores, labels] = [tensors.get("scores")!, tensors.get("labels")!];
  return {
    scores: scores.data as Float32Array,
    labels: Int8Array.from(labels.data),
    numClasses: scores.shape[1]!,
  };
}
