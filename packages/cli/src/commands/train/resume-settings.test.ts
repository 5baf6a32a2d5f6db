import { readFile } from "node:fs/promises";
import { loadCheckpoint } from "@csl/checkpoints";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, expect, it } from "vitest";
import { runCommand } from "../../run-command.js";
import { adviseAfterDivergence } from "./advise-after-divergence.js";

const { at } = temporaryFolder();
let told = "";
const context = { out: { write: () => {} }, err: { write: (text: string) => (told += text) } };
const csl = (...args: (string | number)[]): Promise<void> => {
  told = "";
  return runCommand(args.map(String), context);
};

const base = ["--engine", "wasm", "--workers", 0, "--batch-size", 8, "--image-size", 32, "--augment", "none"];
const train = (...flags: (string | number)[]): Promise<void> =>
  csl("train", "--data", at("scenes"), "--model-name", "tresnet_tiny", "--epochs", 2, ...base, ...flags);
const selective = (): (string | number)[] => [
  ...["--simulate-partial-type", "rps", "--simulate-partial-param", 0.5, "--partial-loss-mode", "selective"],
  ...["--prior-path", at("run", "prior.json"), "--prior-threshold", 0.9],
];

beforeAll(async () => {
  await csl("scenes", at("scenes"), "--train", 16, "--val", 8, "--ood", 0, "--classes", 3);
  await train("--path-dest", at("run"), "--simulate-partial-type", "rps", "--simulate-partial-param", 0.5);
  await train("--path-dest", at("selective"), "--stop-epoch", 1, ...selective());
});

it.each<[string, (string | number)[], RegExp]>([
  ["mode", ["--partial-loss-mode", "ignore"], /--partial-loss-mode "ignore" instead of "selective"/],
  ["gammas", ["--gamma-unann", 3], /--gamma-unann 3 instead of 2/],
  ["alphas", ["--alpha-neg", 0.5], /--alpha-neg 0\.5 instead of 1/],
  ["clip", ["--clip", 0.1], /--clip 0\.1 instead of 0/],
  [
    "top-k",
    ["--likelihood-topk", 1, "--topk-scope", "sample"],
    /--likelihood-topk 1 instead of 5, --topk-scope "sample" instead of "batch"/,
  ],
  ["threshold", ["--prior-threshold", 0.8], /--prior-threshold 0\.8 instead of 0\.9/],
  [
    "rates",
    ["--lr", 1, "--ema-decay", 0.5],
    /--lr 1 instead of 0\.0002, --ema-decay, --ema-warmup \{"decay":0\.5/,
  ],
  ["precision", ["--precision", "auto"], /--precision "auto" instead of "float32"/],
  ["validation split", ["--val-split", "train"], /--val-split "train" instead of "val"/],
])(
  "a resume with another %s is refused before labels are read, naming old and new",
  async (_, flags, message) => {
    const resume = ["--path-dest", at("selective"), "--resume", at("selective", "last.safetensors")];
    await expect(train(...resume, ...selective(), ...flags)).rejects.toThrow(message);
    expect(told).not.toContain("scenes");
  },
);

it("another content of prior or labels is refused too, whatever the files are called", async () => {
  const resume = ["--path-dest", at("selective"), "--resume", at("selective", "last.safetensors")];
  const other = ["--simulate-partial-param", 0.4, "--prior-path", at("selective", "prior.json")];
  await expect(train(...resume, ...selective(), ...other)).rejects.toThrow(
    /content of the training labels [0-9a-f]{12} instead of [0-9a-f]{12}, content of the class prior [0-9a-f]{12} /,
  );
});

it("with --allow-changes a resume goes on, and log, configuration and checkpoint tell what changed", async () => {
  const resume = ["--path-dest", at("changed"), "--resume", at("selective", "last.safetensors")];
  await expect(
    train(...resume, ...selective(), "--allow-changes", "--epochs", 3, "--gamma-unann", 3),
  ).rejects.toThrow(/got --epochs 3 instead of 2\. Resume with the same, or start a new run/);
  await train(...resume, ...selective(), "--allow-changes", "--gamma-unann", 3, "--lr", 1e-5);
  const settings = { gammaUnann: { from: 2, to: 3 }, lr: { from: 2e-4, to: 1e-5 } };
  const config = JSON.parse(await readFile(at("changed", "config.json"), "utf8"));
  expect(config).toMatchObject({ gammaUnann: 3, changes: [{ step: 2, settings }] });
  const log = await readFile(at("changed", "log.jsonl"), "utf8");
  const starts = log.split("\n").filter((line) => line.startsWith('{"type":"start"'));
  expect(JSON.parse(starts.at(-1)!)).toMatchObject({ changes: [{ step: 2, settings }] });
  const { training } = await loadCheckpoint(at("changed", "last.safetensors"));
  expect(training!.changes).toEqual([{ step: 2, settings }]);
});

it("after a divergence the advice is not to do the same again, and what it says works", async () => {
  const diverging = ["--path-dest", at("diverged"), "--lr", 1e20];
  await expect(train(...diverging)).rejects.toMatchObject({ code: "not-finite" });
  expect(told).toMatch(
    /same command would diverge at the same step\. Either start again with a lower rate: --lr 1000000/,
  );
  await train("--path-dest", at("diverged"), "--lr", 1e-3, "--overwrite");
  const last = at("diverged", "last.safetensors");
  const advice = adviseAfterDivergence({ lr: 0.01, precision: "bf16" }, last);
  expect(advice).toContain(`--resume ${last} --lr 0.001 --precision float32 --allow-changes`);
  expect(advice).toContain(
    `--model-path ${at("diverged", "best.safetensors")} --lr 0.001 --precision float32`,
  );
});
