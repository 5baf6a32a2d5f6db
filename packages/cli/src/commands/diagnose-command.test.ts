import { execFileSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, expect, it } from "vitest";
import { runCommand } from "../run-command.js";
import { adviceAsCommands } from "./diagnose-command.js";

const { at } = temporaryFolder();

async function csl(words: readonly string[]): Promise<{ printed: string; told: string }> {
  let printed = "";
  let told = "";
  const out = {
    write: (text: string) => {
      printed += text;
    },
  };
  const err = {
    write: (text: string) => {
      told += text;
    },
  };
  await runCommand(words, { out, err });
  return { printed, told };
}

beforeAll(async () => {
  const sizes = ["--train", "24", "--val", "8", "--ood", "0", "--classes", "8", "--size", "32"];
  await csl(["scenes", at("the scenes"), ...sizes]);
});

it("advice is given as it is typed, with what the data and the prior need", () => {
  const values = { priorThreshold: 0.45, likelihoodTopk: 2 };
  const advice = { mode: "selective", alone: "ignore", reason: "", ...values } as const;
  expect(adviceAsCommands(advice, { data: "d", labels: "l" })).toEqual([
    "  csl train --data d --labels l --partial-loss-mode ignore --path-dest ignore",
    "  csl estimate-prior --data d --model-path ignore/best.safetensors --out prior.json",
    "  csl train --data d --labels l --partial-loss-mode selective --prior-path prior.json --prior-threshold 0.45 --likelihood-topk 2 --path-dest selective",
  ]);
  const given = {
    data: "it's",
    dataset: "coco",
    valShare: 0.2,
    machineLabels: false,
    trainableOnly: false,
  } as const;
  expect(adviceAsCommands({ mode: "negative", alone: "negative", reason: "" }, given)).toEqual([
    "  csl train --data 'it'\\''s' --dataset coco --no-trainable-only --val-share 0.2 --partial-loss-mode negative --path-dest run",
  ]);
});

it("the printed commands, run one after the other, do what they say", async () => {
  const rps = ["--simulate-partial-type", "rps", "--simulate-partial-param", "0.8"];
  await csl(["simulate", "--data", at("the scenes"), ...rps, "--out", at("its labels")]);
  const data = ["--data", at("the scenes"), "--dataset", "coco", "--on-missing", "fail"];
  const { printed } = await csl(["diagnose", ...data, "--labels", at("its labels")]);
  const lines = printed.split("\n").filter((line) => line.startsWith("  csl "));
  expect(lines.map((line) => line.match(/csl (\S+).*?(?:mode (\w+)|$)/)!.slice(1))).toEqual([
    ["train", "ignore"],
    ["estimate-prior", undefined],
    ["train", "selective"],
  ]);
  // The sizes of a test, which no person would take; the paths are those of the current folder.
  const small = { train: ["--epochs", "1", "--model-name", "tresnet_tiny"], "estimate-prior": [] };
  const common = ["--image-size", "32", "--batch-size", "8", "--workers", "0", "--engine", "wasm"];
  for (const line of lines) {
    const [, name, ...words] = wordsOf(line);
    const placed = words.map((word) => (/^(ignore\/best|prior\.json)/.test(word) ? at(word) : word));
    const folder = placed.indexOf("--path-dest");
    if (folder >= 0) placed[folder + 1] = at(placed[folder + 1]!);
    const { told } = await csl([name!, ...placed, ...common, ...small[name as keyof typeof small]]);
    // Of a prior that one epoch gives nothing is asked here.
    if (words.includes("selective"))
      expect(told).toMatch(
        /selective: of \d+ un-annotated entries .* at most ([01]?\d|2[0-5])\.\d+ % more by likelihood/,
      );
  }
  for (const left of ["ignore/best.safetensors", "prior.json", "selective/best.safetensors"])
    expect((await stat(at(left))).size).toBeGreaterThan(0);
});

/** The words of a command line, as a shell splits them. */
function wordsOf(line: string): string[] {
  const text = execFileSync("/bin/sh", ["-c", `printf '%s\\n' ${line}`], { encoding: "utf8" });
  return text.trimEnd().split("\n");
}
