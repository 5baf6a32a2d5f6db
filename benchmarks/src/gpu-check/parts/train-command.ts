import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { benchmarksFolder, nodeArguments, runStep } from "../run-step.js";

/** What is used of the run's result.json. */
interface Result {
  validations: { ema?: { mapC: number }; raw: { mapC: number } }[];
}

/** What is used of an epoch in the run's log.jsonl. */
interface Epoch {
  type: string;
  seconds: number;
  waitedSeconds: number;
  images: number;
}

/** Runs a csl command, from sources. */
export async function csl(words: readonly (string | number)[], signal: AbortSignal): Promise<string> {
  const program = nodeArguments("csl.ts");
  return runStep(process.execPath, [...program, ...words.map(String)], {
    signal,
    cwd: benchmarksFolder,
  });
}

/** `csl train` into a folder: mAP(C) of its last validation, in percent, and its epochs. */
export async function trainByCommand(
  out: string,
  words: readonly (string | number)[],
  signal: AbortSignal,
): Promise<{ map: number; epochs: Epoch[] }> {
  await csl(["train", "--path-dest", out, "--overwrite", ...words], signal);
  const { validations } = JSON.parse(await readFile(join(out, "result.json"), "utf8")) as Result;
  const { ema, raw } = validations.at(-1)!;
  const log = (await readFile(join(out, "log.jsonl"), "utf8")).trim().split("\n");
  const epochs = log.map((line) => JSON.parse(line) as Epoch).filter(({ type }) => type === "epoch");
  return { map: 100 * (ema ?? raw).mapC, epochs };
}
