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
    expect(await parse()).toEqual({ lr: 2e-4, partialLossMode: "negative", quiet: false });
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

  it("refuses what is no number and what is no choice", async () => {
    await expect(parse("--lr", "fast")).rejects.toThrow(/Expected a number, got "fast"/);
    await expect(parse("--partial-loss-mode", "both")).rejects.toThrow(
      /Expected one of negative, ignore-normalize/,
    );
  });
});
