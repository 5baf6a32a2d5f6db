import { describe, expect, it } from "vitest";
import { trainFlags } from "../commands/train/train-flags.js";
import { choice, file, integer, number, toggle } from "./flag.js";
import { readFlags, resumeSettings } from "./read-flags.js";

const table = {
  Loss: {
    lr: number("learning rate", { default: 2e-4, above: 0 }),
    "partial-loss-mode": choice("mode", ["negative", "ignore-normalize-classes"], { default: "negative" }),
    "gamma-unann": number("focusing", { default: 2 }),
    "gamma-neg": number("focusing", { default: 1 }),
  },
  Files: {
    "prior-path": file("prior"),
    epochs: integer("epochs", { default: 30, from: 1 }),
    "trainable-only": toggle("fewer classes", { default: true }),
  },
};
const read = (given: Record<string, unknown>) => readFlags("csl train", table, given);

describe("readFlags", () => {
  it("gives defaults, and leaves out what has none", async () => {
    expect(await read({})).toEqual({
      lr: 2e-4,
      partialLossMode: "negative",
      gammaUnann: 2,
      gammaNeg: 1,
      epochs: 30,
      trainableOnly: true,
      quiet: false,
    });
  });

  it.each([
    [{ epochs: "0" }, "csl train: expected --epochs to be a whole number of at least 1, got 0."],
    [{ epochs: "1.5" }, "csl train: expected --epochs to be a whole number of at least 1, got 1.5."],
    [{ lr: "fast" }, 'csl train: expected --lr to be a number above 0, got "fast".'],
    [
      { "partial-loss-mode": "both" },
      'csl train: expected --partial-loss-mode to be one of negative, ignore-normalize-classes, got "both".',
    ],
  ])("refuses %j", async (given, message) => {
    await expect(read(given)).rejects.toThrow(message);
    await expect(read(given)).rejects.toMatchObject({ name: "CslError", code: "invalid-argument" });
  });
});

it("says which options a resumed run must have as they were", async () => {
  const settings = resumeSettings(trainFlags, {
    seed: 1,
    batchSize: 2,
    imageSize: 3,
    augment: "none",
    lr: 4, // the trainer's own
    gammaUnann: 5,
    workers: 6,
  });
  expect(settings).toMatchObject({ seed: 1, batchSize: 2, imageSize: 3, augment: "none", gammaUnann: 5 });
  expect(settings).not.toHaveProperty("lr");
  expect(settings).not.toHaveProperty("workers");
});
