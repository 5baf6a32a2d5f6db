import { readFile, writeFile } from "node:fs/promises";
import { loadCheckpoint } from "@csl/checkpoints";
import { Sha256 } from "@csl/internal/bytes/sha256";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, expect, it } from "vitest";
import { runCommand } from "../../run-command.js";

const { at } = temporaryFolder();
let told = "";
const write = (text: string) => (told += text);
const csl = (...args: (string | number)[]): Promise<void> => {
  told = "";
  return runCommand(args.map(String), { out: { write }, err: { write } });
};
const train = (...flags: (string | number)[]): Promise<void> =>
  csl(
    ...[
      "train",
      "--data",
      at("scenes"),
      "--engine",
      "wasm",
      "--model-name",
      "tresnet_tiny",
      "--image-size",
      32,
    ],
    ...["--workers", 0, "--batch-size", 8, "--augment", "none", ...flags],
  );
const json = async (...path: string[]) => JSON.parse(await readFile(at(...path), "utf8"));
const log = async (name: string, type: string) =>
  (await readFile(at(name, "log.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter((event) => event.type === type);
/** Weights, averages and moments, by hash. */
const trained = async (name: string) => {
  const { state, ema, training } = await loadCheckpoint(at(name, "last.safetensors"));
  const { step, moment1, moment2, skipped } = training!.adam;
  const arrays = [
    ...[state, ema!].flatMap((dict) => [...dict.values()].map(({ data }) => data)),
    ...moment1.values(),
    ...moment2.values(),
  ];
  const hash = arrays.reduce((sum, data) => sum.update(data), new Sha256()).hex();
  return { hash, step, skipped, progress: training!.progress };
};

const choices = [
  ...["--epochs", 2, "--lr", "auto", "--clip-grad-norm", 1, "--class-weights", "balanced"],
  ...["--freeze-body", 1, "--body-lr-scale", 0.1, "--patience", 5, "--partial-loss-mode", "auto"],
];

beforeAll(async () => {
  await csl("scenes", at("scenes"), "--train", 16, "--val", 8, "--ood", 0, "--classes", 3);
  await train("--path-dest", at("whole"), ...choices);
});

it("says what was chosen and why, in a line, in config.json and in the log", async () => {
  const { choices: chosen, lr } = await json("whole", "config.json");
  expect(chosen.lr.value).toBe(lr);
  expect(lr).toBeGreaterThan(0);
  expect(chosen.lr.reason).toMatch(/in a range test of \d+ steps from 0\.000001 to |^the default, as/);
  expect(chosen.partialLossMode).toEqual({
    value: "ignore",
    reason: "Every cell is annotated: the three modes are the same loss.",
  });
  expect(chosen.classWeights.reason).toMatch(/^balanced: /);
  for (const event of await log("whole", "step")) expect(event.gradientNorm).toBeGreaterThan(0);
  for (const event of await log("whole", "validation")) expect(event).toHaveProperty("sinceBest");
  expect((await json("whole", "result.json")).stopped).toBeUndefined();
});

it("a run that is stopped and resumed equals the whole, with the rate that was chosen at its beginning", async () => {
  await train("--path-dest", at("parts"), ...choices, "--stop-epoch", 1);
  expect(told).toMatch(/learning rate: .*; .*range test/);
  expect(told).toContain(
    "warning: --freeze-body without --model-path: the body that is not trained has random",
  );
  await train("--path-dest", at("parts"), ...choices, "--resume", at("parts", "last.safetensors"));
  expect(told).not.toContain("range test");
  expect(await trained("parts")).toEqual(await trained("whole"));
  expect((await json("parts", "config.json")).choices).toEqual((await json("whole", "config.json")).choices);
});

it.each<[string, (string | number)[], RegExp]>([
  ["another limit", ["--clip-grad-norm", 2], /--clip-grad-norm 2 instead of 1/],
  ["another scale", ["--body-lr-scale", 0.5], /--body-lr-scale 0\.5 instead of 0\.1/],
  ["another number of frozen epochs", ["--freeze-body", 2], /--freeze-body 2 instead of 1/],
  ["other class weights", ["--class-weights", at("weights.csv")], /class weights \w{12} instead of \w{12}/],
  ["another mode", ["--partial-loss-mode", "negative"], /--partial-loss-mode "negative" instead of "ignore"/],
  ["another rate", ["--lr", 0.5], /--lr 0\.5 instead of /],
  ["no class weights", [], /class weights none instead of \w{12}/],
])("a resume with %s is refused", async (_, flags, message) => {
  await writeFile(at("weights.csv"), "id,weight\n");
  const resume = ["--path-dest", at("whole"), "--resume", at("whole", "last.safetensors")];
  const given =
    flags.length > 0 ? choices : choices.filter((flag) => !/class-weights|balanced/.test(`${flag}`));
  await expect(train(...given, ...resume, ...flags)).rejects.toThrow(message);
});

it("a run that is resumed has the threshold and the number that were chosen at its beginning", async () => {
  const { ids } = await json("whole", "prior.json").then((prior: { classes: { id: string }[] }) => ({
    ids: prior.classes.map(({ id }) => id),
  }));
  await writeFile(
    at("prior.csv"),
    `Classes,avg_pred\n${ids.map((id, c) => `${id},0.${c + 2}`).join("\n")}\n`,
  );
  const selective = [
    ...[
      "--epochs",
      2,
      "--simulate-partial-type",
      "rps",
      "--simulate-partial-param",
      0.5,
      "--path-dest",
      at("select"),
    ],
    ...["--partial-loss-mode", "selective", "--prior-path", at("prior.csv")],
    ...["--prior-threshold", "auto", "--likelihood-topk", "auto"],
  ];
  await train(...selective, "--stop-epoch", 1);
  expect(told).toMatch(/prior threshold: .*\. It ignores \d of 3 classes/);
  const { choices: chosen, priorThreshold, likelihoodTopk } = await json("select", "config.json");
  expect([priorThreshold, likelihoodTopk]).toEqual([
    chosen.priorThreshold.value,
    chosen.likelihoodTopk.value,
  ]);
  await train(...selective, "--resume", at("select", "last.safetensors"));
  const resumed = await json("select", "config.json");
  expect(resumed).toMatchObject({ choices: chosen, priorThreshold, likelihoodTopk });
  expect(told).not.toContain("prior threshold: ");
});

it("--patience ends a training that gets no better; to resume it has nothing left to do", async () => {
  // A frozen body and a head that hardly moves: every validation gives the same scores.
  const still = [
    "--epochs",
    4,
    "--freeze-body",
    4,
    "--lr",
    1e-12,
    "--patience",
    2,
    "--path-dest",
    at("still"),
  ];
  await train(...still);
  expect(told).toContain("ended early: 2 validations without a better best (--patience)");
  expect(await json("still", "result.json")).toMatchObject({ stopped: "patience", best: { epoch: 0 } });
  expect((await log("still", "validation")).map(({ sinceBest }) => sinceBest)).toEqual([0, 1, 2]);
  expect((await log("still", "end")).map(({ stopped }) => stopped)).toEqual(["patience"]);
  await train(...still, "--resume", at("still", "last.safetensors"));
  expect(await log("still", "step")).toHaveLength(6);
  expect(await json("still", "result.json")).toMatchObject({ stopped: "patience" });
});
