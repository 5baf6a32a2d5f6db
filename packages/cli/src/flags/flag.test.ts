import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addFlags, type Flag, kebabCaseFlags } from "./flag.js";

const flags: readonly Flag[] = [
  ["--lr <number>", "learning rate", 2e-4],
  ["--partial-loss-mode <mode>", "mode", "negative", ["negative", "ignore-normalize-classes"]],
  ["--prior-path <file>", "prior"],
  ["--quiet", "say less", false],
  ["--trainable-only", "fewer classes", true],
  ["--no-trainable-only", "all classes"],
];

async function parse(...args: string[]): Promise<Record<string, unknown>> {
  let result: Record<string, unknown> = {};
  const command = addFlags(
    new Command("train").exitOverride().configureOutput({ writeErr: () => {} }),
    flags,
  ).action((options) => {
    result = options;
  });
  await command.parseAsync(kebabCaseFlags(args), { from: "user" });
  return result;
}

describe("addFlags", () => {
  it("gives defaults their types", async () => {
    expect(await parse()).toEqual({
      lr: 2e-4,
      partialLossMode: "negative",
      quiet: false,
      trainableOnly: true,
    });
  });

  it("reads the reference's spelling of names and values", async () => {
    expect(
      await parse("--partial_loss_mode=ignore_normalize_classes", "--prior_path", "a_b.csv"),
    ).toMatchObject({
      partialLossMode: "ignore-normalize-classes",
      priorPath: "a_b.csv",
    });
  });

  it("lets the command line win over the configuration file, and that over defaults", async () => {
    const config = join(await mkdtemp(join(tmpdir(), "csl-flag-")), "run.json");
    await writeFile(
      config,
      '{"lr": 0.1, "partial_loss_mode": "ignore_normalize_classes", "prior-path": "p.json"}',
    );
    expect(await parse("--config", config, "--lr", "0.5")).toMatchObject({
      lr: 0.5,
      partialLossMode: "ignore-normalize-classes",
      priorPath: "p.json",
    });
  });

  it.each([
    ['{"lr": "fast"}', 'lr to be a number, got "fast"'],
    ['{"lr": null}', "lr to be a number, got null"],
    ['{"lr": true}', "lr to be a number, got true"],
    ['{"partial-loss-mode": "both"}', 'to be one of negative, ignore-normalize-classes, got "both"'],
    ['{"partial-loss-mode": 3}', "partial-loss-mode to be a text, got 3"],
    ['{"prior-path": ["a"]}', 'prior-path to be a text, got ["a"]'],
    ['{"quiet": "yes"}', 'quiet to be true or false, got "yes"'],
    ['{"trainable-only": "no"}', 'trainable-only to be true or false, got "no"'],
  ])("refuses %s in the configuration file, naming file and flag", async (text, message) => {
    const config = join(await mkdtemp(join(tmpdir(), "csl-flag-")), "run.json");
    await writeFile(config, text);
    await expect(parse("--config", config)).rejects.toThrow(`csl: ${config}: expected `);
    await expect(parse("--config", config)).rejects.toThrow(message);
  });

  it("takes numbers written as text from the configuration file, and true", async () => {
    const config = join(await mkdtemp(join(tmpdir(), "csl-flag-")), "run.json");
    await writeFile(config, '{"lr": "2e-3", "quiet": true}');
    expect(await parse("--config", config)).toMatchObject({ lr: 2e-3, quiet: true });
  });

  it.each([true, false])(
    "takes a flag that has a --no- form from the configuration file: %s",
    async (value) => {
      const config = join(await mkdtemp(join(tmpdir(), "csl-flag-")), "run.json");
      await writeFile(config, JSON.stringify({ "trainable-only": value }));
      expect(await parse("--config", config)).toMatchObject({ trainableOnly: value });
      expect(await parse("--config", config, "--no-trainable-only")).toMatchObject({ trainableOnly: false });
    },
  );

  it("refuses what is no number and what is no choice", async () => {
    await expect(parse("--lr", "fast")).rejects.toThrow(/Expected a number, got "fast"/);
    await expect(parse("--partial-loss-mode", "both")).rejects.toThrow(
      /Expected one of negative, ignore-normalize/,
    );
  });
});
