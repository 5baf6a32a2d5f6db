import { readFile } from "node:fs/promises";
import { createScheme, loadSimulation, saveSimulation, simulate } from "@csl/coco-simulation";
import { ClassList, labelTableFromDense } from "@csl/labels";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, describe, expect, it } from "vitest";
import { openPrior } from "./commands/train/loss/build-loss.js";
import { trainFlags } from "./commands/train/train-flags.js";
import { readFlags } from "./flags/read-flags.js";
import { createTerminal } from "./terminal/terminal.js";
import { readThresholds } from "./thresholds/thresholds-file.js";

const { folder, at, file } = temporaryFolder();
const classes = ClassList.from(["café", "thé"].map((id) => ({ id, name: id })));
const terminal = createTerminal({ write: () => {} }, { write: () => {} });

const one = '{"logit": 1, "probability": 0.7, "name": "é"}';
const thresholds = `{"format": "csl-thresholds/1", "temperature": 1, "criterion": {"name": "f1"}, "global": ${one}, "classes": {"é": ${one}}}`;

async function readPrior(path: string): Promise<unknown> {
  const flags = await readFlags("csl train", trainFlags, {
    data: folder,
    "prior-path": path,
    "partial-loss-mode": "selective",
  });
  return typeof (await openPrior(flags, classes, terminal));
}

/** The text files that flags name, with an é in each. */
const files: [name: string, text: string, read: (path: string) => Promise<unknown>][] = [
  [
    "config.json",
    '{"lr": 0.5, "path_dest": "é"}',
    (path) => readFlags("csl train", trainFlags, { data: folder, config: path }),
  ],
  ["thresholds.json", thresholds, readThresholds],
  ["prior.csv", "Classes,avg_pred\ncafé,0.1\nthé,0.2\n", readPrior],
  [
    "prior.json",
    '{"format": "csl-class-prior", "version": 1, "classes": [{"id": "café", "value": 0.1}, {"id": "thé", "value": 0.2}]}',
    readPrior,
  ],
];

describe.each(files)("%s", (name, text, read) => {
  it.each([
    ["UTF-8 with a byte-order mark", Buffer.from(`\ufeff${text}`)],
    ["UTF-16 LE, as PowerShell writes it", Buffer.from(`\ufeff${text.replaceAll("\n", "\r\n")}`, "utf16le")],
    ["UTF-16 BE", Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
  ])("is read from %s as from UTF-8", async (_, bytes) => {
    const expected = await read(file(name, text));
    expect(JSON.stringify(await read(file(name, bytes)))).toBe(JSON.stringify(expected));
  });

  it("is refused in Latin-1, naming the file, the encoding and the byte", async () => {
    const path = file(name, Buffer.from(text, "latin1"));
    await expect(read(path)).rejects.toThrow(/0xe9 at \d+.*Latin-1/);
    await expect(read(path)).rejects.toThrow(path);
  });
});

describe("NaN, as Python writes it", () => {
  it.each([
    ["config.json", '{"lr": NaN}', "lr to be a number above 0, or auto, got null", files[0]![2]],
    [
      "thresholds.json",
      thresholds.replace('{"logit": 1', '{"logit": NaN'),
      "expected a finite logit for global, got null",
      readThresholds,
    ],
    [
      "thresholds.json",
      thresholds.replace('é": {"logit": 1', 'é": {"logit": Infinity'),
      "expected a finite logit for class é, got null",
      readThresholds,
    ],
    ["prior.json", files[3]![1].replace("0.2", "NaN"), "a prior in [0, 1] at class thé, got null", readPrior],
    ["prior.csv", "Classes,avg_pred\ncafé,nan\nthé,0.2\n", 'got "café,nan"', readPrior],
  ] as const)("in %s is an error that names the field: %s", async (name, text, message, read) => {
    await expect(read(file(name, text))).rejects.toThrow(message);
  });
});

describe("a simulation's manifest", () => {
  beforeAll(async () => {
    const truth = labelTableFromDense(classes, ["1", "2"], Int8Array.of(1, 0, 0, 1));
    await saveSimulation(folder, simulate(truth, createScheme("fpc", 1), { seed: 1 }));
  });

  it("that an editor has saved as UTF-16 is read", async () => {
    const text = await readFile(at("simulation.json"), "utf8");
    file("simulation.json", Buffer.from(`\ufeff${text}`, "utf16le"));
    expect((await loadSimulation(folder)).manifest.seed).toBe(1);
  });
});
