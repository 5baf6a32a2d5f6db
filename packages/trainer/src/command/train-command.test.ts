import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCheckpoint } from "../checkpoint.js";
import { runCommand } from "./run-command.js";

let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);
const quiet = { out: { write: () => {} }, err: { write: () => {} } };

async function train(
  context: Parameters<typeof runCommand>[1],
  ...flags: (string | number)[]
): Promise<void> {
  const small = ["--model-name", "tresnet_tiny", "--image-size", 32, "--epochs", 1, "--augment", "none"];
  const base = ["--data", at("scenes"), "--engine", "wasm", "--workers", 0, "--batch-size", 8];
  await runCommand(["train", ...base, ...small, ...flags].map(String), context);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-train-"));
  const sizes = ["--train", "16", "--val", "8", "--ood", "0", "--classes", "3"];
  await runCommand(["scenes", at("scenes"), ...sizes], quiet);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("csl train refuses before it changes or computes anything", () => {
  it("a resume with other settings leaves configuration and simulated labels as they were", async () => {
    const simulated = ["--simulate-partial-type", "rps", "--simulate-partial-param"];
    await train(quiet, "--path-dest", at("run"), ...simulated, 0.5);
    const before = await Promise.all(
      ["config.json", "labels/simulation.json"].map((name) => readFile(at("run", name), "utf8")),
    );
    const resume = ["--path-dest", at("run"), "--resume", at("run", "last.safetensors")];
    await expect(train(quiet, ...resume, ...simulated, 0.9, "--batch-size", 4)).rejects.toThrow(
      /batchSize 4 instead of 8/,
    );
    const after = await Promise.all(
      ["config.json", "labels/simulation.json"].map((name) => readFile(at("run", name), "utf8")),
    );
    expect(after).toEqual(before);
  });

  it.each([
    [["--batch-size", 17], /at least a batch of training pictures.*17.*got 16\. Lower --batch-size/],
    [["--validate-every", 0], /--validate-every to be a whole number from 1 on, got 0/],
    [["--checkpoint-every", 1.5], /--checkpoint-every to be a whole number of steps.*got 1\.5/],
    [["--checkpoint-every", -5], /--checkpoint-every .*got -5/],
  ])("%j", async (flags, message) => {
    await expect(train(quiet, "--path-dest", at("refused"), ...flags)).rejects.toThrow(message);
    await expect(readdir(at("refused"))).rejects.toThrow("ENOENT");
  });

  it("a validation split that cannot be scored", async () => {
    const row = (split: string, i: number, labels: string): string =>
      `scenes/${split}/${i}.jpg,${labels},${split}`;
    const files = { train: await readdir(at("scenes", "train")), val: await readdir(at("scenes", "val")) };
    const lines = Object.entries(files).flatMap(([split, names]) =>
      names.map((name, i) => row(split, Number.parseInt(name, 10), split === "train" && i % 2 ? ",a" : "a,")),
    );
    const padded = lines.map((line) =>
      line.replace(/\/(\d+)\.jpg/, (_, id: string) => `/${id.padStart(6, "0")}.jpg`),
    );
    await writeFile(at("labels.csv"), `path,positives,negatives,split\n${padded.join("\n")}\n`);
    await expect(train(quiet, "--data", at("labels.csv"), "--path-dest", at("refused"))).rejects.toThrow(
      /a class of "val" with an annotated positive and an annotated negative, got none.*\(1 classes have a positive, 0 a negative\)/,
    );
  });
});

it("csl estimate-prior stops when it is interrupted, and writes no prior", async () => {
  await train(quiet, "--path-dest", at("temporary"));
  const model = ["--model-path", at("temporary", "best.safetensors"), "--out", at("prior.json")];
  const args = ["estimate-prior", "--data", at("scenes"), "--engine", "wasm", "--batch-size", "1", ...model];
  const interrupted = new AbortController();
  const err = {
    write: (text: string) => text.includes("estimate prior") && interrupted.abort(),
    isTTY: true,
  };
  const options = { signal: interrupted.signal, out: quiet.out, err };
  await expect(runCommand(args, options)).rejects.toMatchObject({ name: "AbortError" });
  await expect(readFile(at("prior.json"))).rejects.toThrow("ENOENT");
});

it("Ctrl-C: the step ends, the checkpoint on disk is whole, and the run goes on from it", async () => {
  const interrupted = new AbortController();
  const err = { write: (text: string) => text.includes("train 1/1") && interrupted.abort(), isTTY: true };
  const run = ["--batch-size", 4, "--path-dest", at("stopped")];
  await train({ ...quiet, err, signal: interrupted.signal }, ...run);
  process.exitCode = undefined;
  const { training } = await loadCheckpoint(at("stopped", "last.safetensors"));
  expect(training?.progress.batch).toBeLessThan(4);
  await train(quiet, ...run, "--resume", at("stopped", "last.safetensors"));
  const lines = (await readFile(at("stopped", "log.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.filter(({ type }) => type === "step").map(({ step }) => step)).toEqual([1, 2, 3, 4]);
});
