import { expect, it } from "vitest";
import { readFlags } from "../../flags/read-flags.js";
import { flagsWithoutEffect, requireSettings } from "./require-settings.js";
import { type TrainOptions, trainFlags } from "./train-flags.js";

const { "Data set": _, ...flags } = trainFlags; // there is no data set here
const read = async (given: Record<string, unknown>): Promise<TrainOptions> =>
  (await readFlags("csl train", flags, given)) as Partial<TrainOptions> as TrainOptions;

it.each<[Record<string, unknown>, string]>([
  [
    { "image-size": 63 },
    "expected --image-size to be a whole number from 20 to 4096, a multiple of 4, got 63.",
  ],
  [
    { "image-size": 16 },
    "expected --image-size to be a whole number from 20 to 4096, a multiple of 4, got 16.",
  ],
  [{ "image-size": 100_000 }, "expected --image-size to be"],
  [{ "alpha-neg": -1 }, "expected --alpha-neg to be a number of at least 0, got -1."],
  [{ "prior-threshold": 7 }, "expected --prior-threshold to be a number from 0 to 1, or auto, got 7."],
  [{ "prior-threshold": -0.1 }, "expected --prior-threshold to be a number from 0 to 1, or auto, got -0.1."],
  [{ workers: 100_000 }, "expected --workers to be a whole number from 0 to 256, got 100000."],
  [{ "batch-size": 1e9 }, "expected --batch-size to be"],
  [{ epochs: 1e9 }, "expected --epochs to be"],
  [{ accumulate: 1e9 }, "expected --accumulate to be"],
  [{ "stop-epoch": 31 }, "expected --stop-epoch to be at most --epochs, which is 30, got 31."],
  [{ "freeze-body": 31 }, "expected --freeze-body to be at most --epochs, which is 30, got 31."],
  [{ "freeze-body": 0 }, "expected --freeze-body to be a whole number of at least 1, got 0."],
  [{ "body-lr-scale": 2 }, "expected --body-lr-scale to be a number above 0 and up to 1, got 2."],
  [{ "body-lr-scale": 0 }, "expected --body-lr-scale to be a number above 0 and up to 1, got 0."],
  [{ "clip-grad-norm": 0 }, "expected --clip-grad-norm to be a number above 0, got 0."],
  [{ patience: 1.5 }, "expected --patience to be a whole number of at least 1, got 1.5."],
  [{ "alpha-pos": 0 }, "expected --alpha-pos above 0, got 0"],
  [
    { "alpha-neg": 0, "partial-loss-mode": "ignore" },
    "expected --alpha-neg above 0, got 0: with --partial-loss-mode ignore nothing",
  ],
  [{ "alpha-neg": 0, "alpha-unann": 0 }, "with --partial-loss-mode negative and --alpha-unann 0 nothing"],
  [
    { decoupled: true, lr: 10, "weight-decay": 1 },
    "expected --lr times --weight-decay to be below 1 with --decoupled, got 10.",
  ],
  [{ "cuda-graphs": true, engine: "wasm" }, "expected --engine torch-cuda with --cuda-graphs, got wasm."],
  [{ "allow-changes": true }, "expected --resume with --allow-changes, which means nothing without it."],
  [{ "simulate-partial-type": "rps", "simulate-partial-param": 2 }, "dropRate"],
])("%j is refused before anything is read", async (given, message) => {
  await expect(read(given).then(requireSettings)).rejects.toThrow(message);
});

it.each<[Record<string, unknown>, string[]]>([
  [{}, []],
  [{ "alpha-neg": 0, "partial-loss-mode": "selective" }, []],
  [
    { "likelihood-topk": 9, "prior-threshold": 0.2 },
    [
      "--prior-threshold, --likelihood-topk: without effect with --partial-loss-mode negative: they are for selective",
    ],
  ],
  [
    { "partial-loss-mode": "selective", "prior-threshold": 0.2 },
    ["--prior-threshold: without effect with no --prior-path"],
  ],
  [
    { "partial-loss-mode": "ignore", "gamma-unann": 4 },
    ["--gamma-unann: without effect with --partial-loss-mode ignore, which leaves un-annotated entries out"],
  ],
  [
    { "simulate-partial-param": 4 },
    ["--simulate-partial-param: without effect with no --simulate-partial-type"],
  ],
])("%j: flags without effect are told", async (given, lines) => {
  expect(flagsWithoutEffect(await read(given))).toEqual(lines.map((line) => `warning: ${line}`));
});
