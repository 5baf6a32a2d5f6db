import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { runCommand } from "./run-command.js";

/** Runs a command line and returns what it printed as its result. */
async function csl(...args: string[]): Promise<string> {
  let printed = "";
  const out = { write: (text: string) => (printed += text) };
  await runCommand(args, { out, err: { write: () => {} } });
  return printed;
}

describe("what csl says of itself", () => {
  it("help: every command, and the flags of one in groups with their defaults and choices", async () => {
    expect(await csl()).toMatch(/train .*\n[\s\S]*estimate-prior/);
    const help = await csl("train", "--help");
    expect(help).toMatch(/\nLoss csl:\n {2}--partial-loss-mode <name>[\s\S]*\n {2}--clip <number>/);
    expect(help).toMatch(/-b, --batch-size <number> +images per batch \(default: 64\)/);
  });

  it.each([
    ["run", "recipe", "own, openimages, lvis, coco-rps, coco-fpc, or a .json file of your own"],
    ["weights get", "name", "a name that csl weights lists, hf:owner/name"],
  ])(
    "csl %s: the help and the refusal of a line without it say what the %s may be",
    async (command, word, values) => {
      const words = command.split(" ");
      const help = (await csl(...words, "--help")).replace(/\s+/g, " ");
      expect(help).toContain(`Arguments: ${word} ${values}`);
      await expect(csl(...words)).rejects.toThrow(
        `expected a ${word}, got none: csl ${command} ${word.toUpperCase()}. `,
      );
      await expect(csl(...words)).rejects.toThrow(values);
    },
  );

  it("help: a switch has its --no- form where it is on, or where its default is a recipe's", async () => {
    const [train, run] = [await csl("train", "--help"), await csl("run", "--help")];
    for (const help of [train, run]) expect(help).toMatch(/ --no-trainable-only +switch/);
    expect(train).not.toContain("--no-ema-warmup");
    expect(run).toMatch(/ --no-ema-warmup +switch/);
  });

  it.each(["--version", "-v", "-V", "version"])("%s: the package's version", async (word) => {
    const manifest = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
    expect(await csl(word)).toBe(`${manifest.version}\n`);
  });
});

describe("a command line that means nothing", () => {
  it.each([
    [["trein"], 'csl: expected a command, got "trein". Did you mean train?'],
    [["tarin"], 'csl: expected a command, got "tarin". Did you mean train?'],
    [["--versoin"], "csl: expected a command before --versoin. Did you mean --version?"],
    [["--data", "scenes", "train"], "Flags follow a command: csl train --data."],
    [["train", "--hlep"], "csl train: unknown flag --hlep. Did you mean --help?"],
    [["train", "--eopchs", "2"], "csl train: unknown flag --eopchs. Did you mean --epochs?"],
    [["train", "--gamma_negg", "2"], "csl train: unknown flag --gamma-negg. Did you mean --gamma-neg?"],
    [["train", "--momentum=1"], "csl train: unknown flag --momentum=1. Known: --data, "],
    [["train", "--lr"], "csl: expected a value after --lr, got none."],
    [["train", "scenes"], 'csl train: expected no "scenes" here. See csl train --help.'],
    [["train", "--lr", "fast"], 'csl train: expected --lr to be a number above 0, or auto, got "fast".'],
    [["scenes"], "csl scenes: expected a folder, got none: csl scenes FOLDER."],
    [["scenes", "a", "b"], 'csl scenes: expected no "b" here.'],
    [["engines", "build"], 'csl engines: expected no "build" here.'],
  ])("%j", async (words, message) => {
    await expect(csl(...words)).rejects.toThrow(message);
    await expect(csl(...words)).rejects.toMatchObject({ name: "CslError" });
  });
});
