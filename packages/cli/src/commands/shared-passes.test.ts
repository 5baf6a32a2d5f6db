import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, expect, it } from "vitest";
import { commandOnRanks } from "../../test/on-ranks.js";
import type { GivenFlags } from "../flags/config-file.js";
import { runCommand } from "../run-command.js";
import { estimatePriorCommand } from "./estimate-prior-command.js";
import { evaluateCommand } from "./evaluate/evaluate-command.js";
import { inferCommand } from "./infer/infer-command.js";

const { at } = temporaryFolder();
const silent = { write: () => {} };
const csl = (...args: string[]): Promise<void> => runCommand(args, { out: silent, err: silent });

beforeAll(async () => {
  await csl("scenes", at("scenes"), ..."--train 18 --val 18 --ood 0 --classes 3 --size 32".split(" "));
  const training =
    "--model-name tresnet_tiny --image-size 32 --batch-size 8 --epochs 1 --workers 0 --engine wasm";
  await csl("train", "--data", at("scenes"), ...training.split(" "), "--path-dest", at("model"));
  // The second and the third batch have fewer images, and each is another rank's.
  for (const split of ["train", "val"]) {
    const names = (await readdir(at("scenes", split))).sort();
    for (const position of [5, 10, 11]) await writeFile(at("scenes", split, names[position]!), "no image");
  }
});

const common = (): GivenFlags => ({
  ...{ data: at("scenes"), "model-path": at("model", "best.safetensors") },
  ...{ workers: 0, "batch-size": 4, engine: "wasm", overwrite: true },
});

const files = (names: readonly string[]): Promise<string[]> =>
  Promise.all(names.map((name) => readFile(at(name), "latin1")));

it("csl evaluate: two and nine processes write and print what one does, byte for byte", async () => {
  const names = ["scores.json", "classes.csv", "thresholds.json"];
  const run = async (size: number, more: GivenFlags = {}): Promise<string[]> => {
    let told = "";
    const flags = {
      ...common(),
      ...{ json: at(names[0]!), "per-class-csv": at(names[1]!), protocols: true, "per-class": true, ...more },
    };
    const printed = await commandOnRanks(evaluateCommand, flags, { size, tell: (text) => (told += text) });
    expect(told.match(/unreadable: /g)).toHaveLength(3);
    return [printed, ...(await files(more.thresholds ? names : names.slice(0, 2)))];
  };
  const chosen = { thresholds: at(names[2]!) };
  const alone = [await run(1), await run(1, chosen)];
  expect(JSON.parse(alone[0]![1]!)).toMatchObject({ images: 15, unreadable: { length: 3 } });
  expect([await run(2), await run(2, chosen)]).toEqual(alone);
  expect(await run(9)).toEqual(alone[0]);
});

it("csl estimate-prior: two and nine processes write and print what one does, byte for byte", async () => {
  const run = async (size: number): Promise<string[]> => {
    const flags = { ...common(), out: at("prior.json"), json: at("report.json") };
    const printed = await commandOnRanks(estimatePriorCommand, flags, { size });
    return [printed, ...(await files(["prior.json", "report.json"]))];
  };
  const alone = await run(1);
  expect(JSON.parse(alone[1]!).count).toBe(15);
  for (const size of [2, 9]) expect(await run(size)).toEqual(alone);
});

it("csl infer: two processes write and print what one does, byte for byte", async () => {
  const flags = { "model-path": at("model", "best.safetensors"), engine: "wasm", th: 0.5, out: at("tags") };
  const run = async (size: number): Promise<unknown> => {
    await rm(at("tags"), { recursive: true, force: true });
    let told = "";
    const words = [at("scenes", "val")];
    const printed = await commandOnRanks(inferCommand, flags, {
      size,
      words,
      tell: (text) => (told += text),
    });
    const names = (await readdir(at("tags"))).sort();
    return [printed, told.match(/unreadable: .*/g), names, await files(names.map((name) => `tags/${name}`))];
  };
  const alone = await run(1);
  expect(alone).toMatchObject([expect.stringContaining("→"), { length: 3 }, { length: 16 }, {}]);
  expect(await run(2)).toEqual(alone);
});
