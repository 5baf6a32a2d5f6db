import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, it } from "vitest";
import { commands } from "../commands/commands.js";
import { choice, file, integer, number, text, toggle } from "./flag.js";
import { readFlags } from "./read-flags.js";

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
const others = [
  { name: "train", flags: table },
  { name: "infer", flags: { Tags: { "top-k": integer("tags"), lr: text("another meaning of a name") } } },
  { name: "scenes", flags: { Images: { train: integer("images") } } },
];
const read = (given: Record<string, unknown>) => readFlags("csl train", table, given, others);
let count = 0;
const config = (content: string, ending = "json"): string => put(`config-${count++}.${ending}`, content);

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
      /has the key "gama_neg", which is no flag\. Did you mean gamma-neg\?$/,
    );
    const unknown = read({ config: config('{"momentum": 1}') });
    await expect(unknown).rejects.toThrow(/Known: quiet, lr, partial-loss-mode, .*\.$/);
    await expect(unknown).rejects.toMatchObject({ code: "unknown-option" });
  });

  it("broken JSON, a list, a missing file and a module that does not load are refused", async () => {
    await expect(read({ config: config("{") })).rejects.toThrow(/expected JSON in .*json: /);
    await expect(read({ config: config("[1]") })).rejects.toThrow(/to hold an object of flags, got a list/);
    await expect(read({ config: at("none.json") })).rejects.toMatchObject({ code: "cannot-read" });
    await expect(read({ config: at("none.mjs") })).rejects.toThrow(/--config to be a JSON file or a module/);
  });
});

describe("one configuration file for all commands", () => {
  it("keys of other commands are skipped, whatever their values", async () => {
    const path = config('{"lr": 0.1, "top_k": "many", "train": 400}');
    expect(await read({ config: path })).toMatchObject({ lr: 0.1 });
    expect(await read({ config: path })).not.toHaveProperty("topK");
  });

  it("under a command's name stands what is for that command alone, and goes before the rest", async () => {
    const path = config('{"lr": 0.1, "epochs": 3, "train": {"lr": 0.2}, "infer": {"lr": "x", "topK": 5}}');
    expect(await read({ config: path })).toMatchObject({ lr: 0.2, epochs: 3 });
    const scenes = readFlags("csl scenes", others[2]!.flags, { config: config('{"train": 400}') }, others);
    expect(await scenes).toMatchObject({ train: 400 });
  });

  it.each([
    ['{"topp-k": 3}', 'has the key "topp-k", which is no flag. Did you mean top-k?'],
    ['{"infer": {"epochs": 3}}', 'has the key "epochs" under "infer", which is no flag. Known: quiet, top-k'],
    ['{"trian": {"lr": 1}}', 'has the key "trian", which is no flag.'],
    ['{"config": "other.json"}', 'has the key "config", which is no flag.'],
  ])("%s is refused", async (content, message) => {
    await expect(read({ config: config(content) })).rejects.toThrow(message);
    await expect(read({ config: config(content) })).rejects.toMatchObject({ code: "unknown-option" });
  });

  it("every key of every command is one of them", async () => {
    const keys = commands.flatMap(({ flags }) => Object.values(flags).flatMap((group) => Object.keys(group)));
    const path = config(
      JSON.stringify(Object.fromEntries(keys.filter((key) => key !== "config").map((key) => [key, false]))),
    );
    const empty = commands.find(({ name }) => name === "engines build-torch")!;
    expect(await readFlags("csl engines build-torch", empty.flags, { config: path }, commands)).toMatchObject(
      {
        quiet: false,
      },
    );
  });
});
