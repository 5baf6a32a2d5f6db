import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, it } from "vitest";
import { trainFlags } from "../commands/train/train-flags.js";
import { choice, file, integer, number, toggle } from "./flag.js";
import { readFlags, resumeSettings } from "./read-flags.js";

const { at, file: put } = temporaryFolder();
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
let count = 0;
const config = (content: string, ending = "json"): string => put(`config-${count++}.${ending}`, content);

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

describe("a configuration file", () => {
  it("wins over defaults, and the command line over it; keys in three spellings", async () => {
    const path = config(
      '{"lr": 0.1, "partial_loss_mode": "ignore_normalize_classes", "prior-path": "p.json", "gammaUnann": 4}',
    );
    expect(await read({ config: path, lr: "0.5" })).toMatchObject({
      lr: 0.5,
      partialLossMode: "ignore-normalize-classes",
      priorPath: "p.json",
      gammaUnann: 4,
    });
  });

  it("may be a module; numbers may be text", async () => {
    expect(await read({ config: config("export default { lr: 2e-3 };", "mjs") })).toMatchObject({ lr: 2e-3 });
    expect(await read({ config: config('{"lr": "2e-3", "quiet": true}') })).toMatchObject({
      lr: 2e-3,
      quiet: true,
    });
  });

  it.each([true, false])("sets a flag that has a --no- form: %s", async (value) => {
    const path = config(JSON.stringify({ "trainable-only": value }));
    expect(await read({ config: path })).toMatchObject({ trainableOnly: value });
    expect(await read({ config: path, "trainable-only": false })).toMatchObject({ trainableOnly: false });
  });

  it.each([
    ['{"lr": "fast"}', 'lr to be a number above 0, got "fast"'],
    ['{"lr": null}', "lr to be a number above 0, got null"],
    ['{"lr": true}', "lr to be a number above 0, got true"],
    ['{"partial-loss-mode": "both"}', 'to be one of negative, ignore-normalize-classes, got "both"'],
    ['{"partial-loss-mode": 3}', "partial-loss-mode to be one of negative, ignore-normalize-classes, got 3"],
    ['{"prior-path": ["a"]}', 'prior-path to be the path of a file, got ["a"]'],
    ['{"quiet": "yes"}', 'quiet to be true or false, got "yes"'],
    ['{"trainable-only": "no"}', 'trainable-only to be true or false, got "no"'],
  ])("refuses %s, naming file and flag", async (content, message) => {
    const path = config(content);
    await expect(read({ config: path })).rejects.toThrow(`csl train: ${path}: expected `);
    await expect(read({ config: path })).rejects.toThrow(message);
  });

  it("an unknown key is refused, with the near ones or else all", async () => {
    await expect(read({ config: config('{"gama_neg": 1}') })).rejects.toThrow(
      /has the key "gama_neg", which is not a flag of this command\. Did you mean gamma-neg\?$/,
    );
    const unknown = read({ config: config('{"momentum": 1}') });
    await expect(unknown).rejects.toThrow(/Known: lr, partial-loss-mode, .*, quiet\.$/);
    await expect(unknown).rejects.toMatchObject({ code: "unknown-option" });
  });

  it("broken JSON, a list, a missing file and a module that does not load are refused", async () => {
    await expect(read({ config: config("{") })).rejects.toThrow(/expected JSON in .*json: /);
    await expect(read({ config: config("[1]") })).rejects.toThrow(/to hold an object of flags, got a list/);
    await expect(read({ config: at("none.json") })).rejects.toMatchObject({ code: "cannot-read" });
    await expect(read({ config: at("none.mjs") })).rejects.toThrow(/--config to be a JSON file or a module/);
  });
});

it("says which options a resumed run must have as they were", async () => {
  const settings = resumeSettings(trainFlags, {
    seed: 1,
    batchSize: 2,
    imageSize: 3,
    augment: "none",
    lr: 4,
  });
  expect(settings).toEqual({ seed: 1, batchSize: 2, imageSize: 3, augment: "none" });
});
