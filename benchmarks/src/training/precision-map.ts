// What bfloat16 costs in the end: the quick start's network, trained on embedded scenes on the torch engine in float32 and in
// bf16, from the same seeds. Prints the mean average precision (mAP(C), averaged weights) of every run, and mean ± spread.
//
//   pnpm --filter @csl/benchmarks precision-map [--seeds 3] [--train 1600] [--epochs 14] [--engine torch]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runCommand } from "@csl/cli";

const { values: flags } = parseArgs({
  options: {
    seeds: { type: "string", default: "3" },
    train: { type: "string", default: "1600" },
    epochs: { type: "string", default: "14" },
    engine: { type: "string", default: "torch" },
    command: { type: "string" },
  },
});

// An engine is started once in a process: every training is a process of its own, which is this file again.
if (flags.command) {
  await runCommand(JSON.parse(flags.command) as string[]);
  process.exit();
}

interface Result {
  validations: { ema?: { mapC: number }; raw: { mapC: number } }[];
  seconds: number;
}

const folder = mkdtempSync(join(tmpdir(), "csl-precision-"));
const precisions = ["float32", "bf16"] as const;
const scores: Record<string, number[]> = { float32: [], bf16: [] };

function csl(...words: (string | number)[]): void {
  const line = JSON.stringify(words.map(String));
  const { status, stderr } = spawnSync(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), "--command", line],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`precision-map: csl ${words[0]} ended with ${status}: ${stderr}`);
}

try {
  const data = join(folder, "scenes");
  csl("scenes", data, "--size", 64, "--classes", 20, "--train", flags.train, "--val", 800, "--ood", 16);
  for (let seed = 0; seed < Number(flags.seeds); seed++) {
    for (const precision of precisions) {
      const out = join(folder, `${precision}-${seed}`);
      // As examples/quickstart trains, all labels known.
      csl(
        ...["train", "--data", data, "--path-dest", out, "--engine", flags.engine, "--precision", precision],
        ...[
          "--model-name",
          "tresnet_tiny",
          "--image-size",
          64,
          "--batch-size",
          32,
          "--lr",
          0.01,
          "--gamma-neg",
          0,
        ],
        ...[
          "--epochs",
          flags.epochs,
          "--validate-every",
          flags.epochs,
          "--augment",
          "none",
          "--cache",
          "memory",
        ],
        ...["--workers", 0, "--ema-decay", 0.99, "--ema-warmup", "--seed", seed],
      );
      const { validations, seconds } = JSON.parse(readFileSync(join(out, "result.json"), "utf8")) as Result;
      const { ema, raw } = validations.at(-1)!;
      const score = (ema ?? raw).mapC;
      scores[precision]!.push(score);
      console.log(
        `seed ${seed}, ${precision}: mAP(C) ${(score * 100).toFixed(2)} in ${seconds.toFixed(0)} s`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

for (const precision of precisions) {
  const list = scores[precision]!;
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const spread = Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (list.length - 1));
  console.log(`${precision}: ${(mean * 100).toFixed(2)} ± ${(spread * 100).toFixed(2)}`);
}
