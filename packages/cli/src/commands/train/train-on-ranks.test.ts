import { readdir, rm } from "node:fs/promises";
import { loadCheckpoint } from "@csl/checkpoints";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, expect, it } from "vitest";
import { commandOnRanks } from "../../../test/on-ranks.js";
import type { GivenFlags } from "../../flags/config-file.js";
import { runCommand } from "../../run-command.js";
import { trainCommand } from "./train-command.js";

const { at } = temporaryFolder();

// 26 images are six batches of four and two images: two ranks have three batches each, one process has a seventh.
beforeAll(async () => {
  const quiet = { write: () => {} };
  const sizes = "--train 26 --val 5 --ood 0 --classes 3 --size 32".split(" ");
  await runCommand(["scenes", at("scenes"), ...sizes], { out: quiet, err: quiet });
});

async function train(name: string, size: number, more: GivenFlags = {}): Promise<string> {
  let told = "";
  const flags: GivenFlags = {
    ...{ data: at("scenes"), "path-dest": at(name), engine: "wasm", workers: 0 },
    ...{ "model-name": "tresnet_tiny", "image-size": 32, "batch-size": 4, epochs: 2 },
    ...{ "simulate-partial-type": "rps", "simulate-partial-param": 0.3, ...more },
  };
  await commandOnRanks(trainCommand, flags, { size, tell: (text) => (told += text) });
  return told;
}

async function weightsOf(name: string): Promise<Map<string, unknown>> {
  const { state, training } = await loadCheckpoint(at(name, "last.safetensors"));
  // Running statistics are means over the ranks, and a process that accumulates has seen every batch.
  const weights = [...state].filter(([key]) => !/running_|num_batches/.test(key));
  return new Map<string, unknown>([...weights, ["step", training!.adam.step]]);
}

it("two processes leave the weights of one that accumulates, bit for bit, and the same files", async () => {
  const told = await train("two", 2, { epochs: 1 });
  await train("one", 1, { accumulate: 2, epochs: 1 });
  expect(told).toContain("a step: a batch of 4 images on each of 2 processes, 8 images");
  expect(told.match(/epoch 1\/1: loss/g)).toHaveLength(1);
  expect(await weightsOf("two")).toEqual(await weightsOf("one"));
  expect(await readdir(at("two"))).toEqual(await readdir(at("one")));
});

it("--resume auto begins, continues with fewer processes, and has nothing to do at the end", async () => {
  await train("whole", 2);
  const half: GivenFlags = { resume: "auto", "stop-epoch": 1 };
  await train("parts", 2, half);
  const told = await train("parts", 1, { resume: "auto" });
  expect(told).toContain("holds 2 batches: this process accumulates 2 (--accumulate 2)");
  expect(await weightsOf("parts")).toEqual(await weightsOf("whole"));
  await train("parts", 2, { resume: "auto" });
  expect((await loadCheckpoint(at("parts", "last.safetensors"))).training!.adam.step).toBe(6);
  await expect(train("parts", 3, { resume: "auto" })).rejects.toThrow("shares the 2 batches of a step of");
});

it("--resume auto replaces what a run without a checkpoint left, and not a finished run", async () => {
  await train("killed", 1, { epochs: 1, "stop-epoch": 1 });
  for (const name of ["last.safetensors", "best.safetensors"]) await rm(at("killed", name));
  await expect(train("killed", 1, { epochs: 1 })).rejects.toThrow("a folder without an earlier run");
  await train("killed", 1, { epochs: 1, resume: "auto" });
  await rm(at("killed", "last.safetensors"));
  await expect(train("killed", 1, { epochs: 1, resume: "auto" })).rejects.toThrow(
    "a folder without an earlier run",
  );
});

it("processes with other settings or errors of their own end together, in words", async () => {
  await expect(train("refused", 9)).rejects.toThrow("for each of 9 processes, got 26");
  const lr = { lr: 1e-3, "val-split": "nowhere" };
  await expect(train("refused 2", 2, lr)).rejects.toThrow('no "nowhere" split');
  await expect(train("refused 3", 2, { "sync-bn": true })).rejects.toThrow("allReduceNow");
});
