import { readdir, readFile, rm } from "node:fs/promises";
import { loadCheckpoint } from "@csl/checkpoints";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../../run-command.js";

const { at } = temporaryFolder();

async function csl(...args: (string | number)[]): Promise<string> {
  let printed = "";
  await runCommand(args.map(String), {
    out: { write: (text: string) => (printed += text) },
    err: { write: () => {} },
  });
  return printed;
}
/** Two epochs whose rate is too small to make the second one's score higher. */
const train = (folder: string, ...flags: (string | number)[]) =>
  csl(
    ...["train", "--data", at("scenes"), "--engine", "wasm", "--workers", 0, "--batch-size", 8],
    ...[
      "--model-name",
      "tresnet_tiny",
      "--image-size",
      32,
      "--epochs",
      2,
      "--lr",
      1e-12,
      "--augment",
      "none",
    ],
    ...[
      "--simulate-partial-type",
      "rps",
      "--simulate-partial-param",
      0.3,
      "--path-dest",
      at(folder),
      ...flags,
    ],
  );
const whole = [
  ...[
    "MODEL_CARD.md",
    "best.safetensors",
    "config.json",
    "labels",
    "last.safetensors",
    "log.jsonl",
    "per-class.csv",
  ],
  ...["prior.json", "report-data.json", "report.html", "reproduction.json", "result.json"],
];
const left = async (folder: string) => (await readdir(at(folder))).sort();
const result = async (folder: string) => JSON.parse(await readFile(at(folder, "result.json"), "utf8"));

beforeAll(async () => {
  await csl("scenes", at("scenes"), "--train", 16, "--val", 8, "--ood", 0, "--classes", 3);
  await train("first", "--stop-epoch", 1);
});

describe("csl train --resume into another folder", () => {
  const resume = ["--resume", () => at("first", "last.safetensors")] as const;
  const from = (): string[] => [resume[0], resume[1]()];

  it("leaves there all that a run leaves, the best weights of before among it", async () => {
    const printed = await train("second", ...from());
    expect(await left("second")).toEqual(whole);
    expect(printed).toContain(at("second", "best.safetensors"));
    const { best, validations } = await result("second");
    expect(validations.map(({ epoch }: { epoch: number }) => epoch)).toEqual([0, 1]);
    const kept = await loadCheckpoint(at("second", "best.safetensors"), { stateOnly: true });
    expect(kept.best).toEqual(best);
    const last = await loadCheckpoint(at("second", "last.safetensors"), { stateOnly: true });
    expect(last.config).not.toHaveProperty("resume"); // the same file as of a run that was not interrupted
    expect(await readFile(at("first", "last.safetensors"))).toBeDefined();
    expect(await left("first")).toEqual(whole);
  });

  it("also when there is nothing left to train", async () => {
    await train("third", ...from(), "--stop-epoch", 1);
    expect(await left("third")).toEqual(whole);
    const read = (folder: string, name: string) => readFile(at(folder, name), "latin1");
    for (const name of ["best.safetensors", "per-class.csv", "prior.json"])
      expect(await read("third", name)).toBe(await read("first", name));
  });

  it("announces no best weights that were not kept", async () => {
    await rm(at("first", "best.safetensors"));
    expect(await train("fourth", ...from(), "--stop-epoch", 1)).not.toContain("best mAP");
    expect(await left("fourth")).not.toContain("best.safetensors");
    expect((await result("fourth")).best).toBeUndefined();
    await train("fifth", ...from()); // the next validation's are the best
    expect(await left("fifth")).toEqual(whole);
    expect((await result("fifth")).best.epoch).toBe(1);
  });
});

it("a run that is stopped before its first step can be resumed, and says where from", async () => {
  const stop = new AbortController();
  const said: string[] = [];
  const args = ["train", "--data", at("scenes"), "--engine", "wasm", "--workers", 0, "--batch-size", 8];
  const more = [
    "--model-name",
    "tresnet_tiny",
    "--image-size",
    32,
    "--epochs",
    1,
    "--path-dest",
    at("early"),
  ];
  await runCommand([...args, ...more].map(String), {
    signal: stop.signal,
    out: { write: (text: string) => said.push(text) },
    err: { write: (text: string) => (text.includes("parameters") ? stop.abort() : undefined) },
  });
  expect(said.join("")).toContain(`--resume ${at("early", "last.safetensors")}`);
  expect(await left("early")).toContain("last.safetensors");
});
