import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { loadCheckpoint } from "@csl/checkpoints";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../../run-command.js";

const { at } = temporaryFolder();
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
  const sizes = ["--train", "16", "--val", "8", "--ood", "0", "--classes", "3"];
  await runCommand(["scenes", at("scenes"), ...sizes], quiet);
});

describe("csl train refuses before it changes or computes anything", () => {
  it("a resume with other settings leaves configuration and simulated labels as they were", async () => {
    const simulated = ["--simulate-partial-type", "rps", "--simulate-partial-param"];
    await train(quiet, "--path-dest", at("run"), ...simulated, 0.5);
    const before = await Promise.all(
      ["config.json", "labels/simulation.json"].map((name) => readFile(at("run", name), "utf8")),
    );
    const resume = ["--path-dest", at("run"), "--resume", at("run", "last.safetensors")];
    await expect(train(quiet, ...resume, ...simulated, 0.9, "--batch-size", 4)).rejects.toThrow(
      /--batch-size 4 instead of 8\. Resume with the same, or start a new run/,
    );
    const after = await Promise.all(
      ["config.json", "labels/simulation.json"].map((name) => readFile(at("run", name), "utf8")),
    );
    expect(after).toEqual(before);
  });

  it("a wrong path or number is refused before anything is started", async () => {
    let written = "";
    const context = { ...quiet, err: { write: (text: string) => (written += text) } };
    const refused = (...flags: (string | number)[]) =>
      expect(train(context, "--path-dest", at("refused"), ...flags)).rejects;
    await refused("--data", at("scene")).toThrow(/expected --data to be .* which does not exist/);
    await refused("--resume", at("none")).toThrow(/expected --resume to be a checkpoint, .* does not exist/);
    await refused("--val-split", "vla").toThrow(/no "vla" split/);
    await refused("--epochs", 0).toThrow(/--epochs to be a whole number/);
    await refused("--simulate-partial-type", "rps", "--simulate-partial-param", 3).toThrow(
      /a --simulate-partial-param that fits --simulate-partial-type rps, got 3: .*dropRate/,
    );
    expect(written).not.toContain("engine");
    await expect(readdir(at("refused"))).rejects.toThrow("ENOENT");
  });

  it("a folder that holds a run, whose files stay as they are; --overwrite starts again there", async () => {
    const run = ["--path-dest", at("kept")];
    await train(quiet, ...run);
    const files = async () => {
      const names = await readdir(at("kept"));
      return Promise.all(
        names.sort().map(async (name) => [name, await readFile(at("kept", name), "latin1")]),
      );
    };
    const before = await files();
    await expect(train(quiet, ...run)).rejects.toThrow(
      /without an earlier run, got .*kept with last\.safetensors, best\.safetensors, .*--resume .*kept.last\.safetensors, or choose another --path-dest; to lose it, pass --overwrite/,
    );
    expect(await files()).toEqual(before);
    await train(quiet, ...run, "--overwrite", "--batch-size", 4);
    const log = await readFile(at("kept", "log.jsonl"), "utf8");
    expect(log.match(/"type":"start"/g)).toHaveLength(1);
    expect(log.match(/"type":"step"/g)).toHaveLength(4);
  });

  it.each([
    [["--batch-size", 17], /at least a batch of training images.*17.*got 16\. Lower --batch-size/],
    [["--validate-every", 0], /--validate-every to be a whole number of at least 1, got 0/],
    [["--checkpoint-every", 1.5], /--checkpoint-every to be a whole number of at least 0, got 1\.5/],
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

it("Ctrl-C: the step ends, the checkpoint on disk is whole, and the run continues from it", async () => {
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

it("result.json tells of the whole run, also after a resume that had nothing left to do", async () => {
  const run = ["--epochs", 2, "--path-dest", at("parts")];
  const validations = async () => JSON.parse(await readFile(at("parts", "result.json"), "utf8")).validations;
  await train(quiet, ...run, "--stop-epoch", 1);
  const [first] = await validations();
  for (let i = 0; i < 2; i++) await train(quiet, ...run, "--resume", at("parts", "last.safetensors"));
  const all = await validations();
  expect(all.map(({ epoch }: { epoch: number }) => epoch)).toEqual([0, 1]);
  expect(all[0]).toEqual(first);
});

// A pipe that no process writes to stands for a file on a server that no longer answers.
it.skipIf(process.platform === "win32")(
  "an image that does not come is named, and trained without",
  async () => {
    await cp(at("scenes"), at("hanging"), { recursive: true });
    const stuck = at("hanging", "train", "000003.jpg");
    await rm(stuck);
    execFileSync("sh", ["-c", 'mkfifo "$0"', stuck]);
    let written = "";
    const context = { ...quiet, err: { write: (text: string) => (written += text) } };
    try {
      const run = ["--data", at("hanging"), "--path-dest", at("without"), "--epochs", 2];
      await train(context, ...run, "--image-timeout", 1);
    } finally {
      closeSync(openSync(stuck, constants.O_RDWR | constants.O_NONBLOCK)); // lets the waiting thread go
    }
    expect(written.match(/unreadable: 000003\.jpg: its file was not read within 1 s/g)).toHaveLength(1);
    const { unreadable } = JSON.parse(await readFile(at("without", "result.json"), "utf8"));
    expect(unreadable).toMatchObject([{ path: "000003.jpg" }]);
    const log = await readFile(at("without", "log.jsonl"), "utf8");
    expect(log.match(/"type":"step"/g)).toHaveLength(4); // full batches, another image took its place
  },
);
