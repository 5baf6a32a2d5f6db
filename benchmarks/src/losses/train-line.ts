import { readFile } from "node:fs/promises";
import { runCommand } from "@csl/cli";

/** Runs a `csl` command in this process; nothing of it is shown. */
export function quietly(words: readonly string[]): Promise<void> {
  return runCommand(words, { out: { write: () => {} }, err: { write: () => {} } });
}

/** Trains into a folder, which is replaced, and tells the command line. @returns best mAP(C) in percent */
export async function trainLine(flags: readonly string[], folder: string): Promise<number> {
  const words = ["train", ...flags, "--path-dest", folder];
  console.error(`csl ${words.join(" ")}`);
  await quietly([...words, "--overwrite"]);
  const { best } = JSON.parse(await readFile(`${folder}/result.json`, "utf8"));
  return 100 * best.score;
}
