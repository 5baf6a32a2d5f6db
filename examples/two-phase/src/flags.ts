import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Flags } from "./csl.js";

const short: Readonly<Record<string, string>> = { "-b": "--batch-size", "-j": "--workers", "-q": "--quiet" };

/** `["--data", "x", "--per-class"]` → `{ data: "x", "per-class": true }`: what was added to the example's command line. */
export function parseFlags(words: readonly string[]): Flags {
  const flags: Flags = {};
  for (let i = 0; i < words.length; i++) {
    const word = short[words[i]!] ?? words[i]!;
    if (!word.startsWith("--")) throw new Error(`Expected a flag of csl train, got "${word}".`);
    const [name = "", value] = word.slice(2).split("=", 2);
    const next = words[i + 1];
    if (value !== undefined) flags[name] = value;
    else if (next === undefined || next.startsWith("--")) flags[name] = true;
    else {
      flags[name] = next;
      i++;
    }
  }
  return flags;
}

/** Flags that every command on a data set takes; the others are for training. */
const names = ["data", "dataset", "images", "on-missing", "coco-images"];

/** The flags for every command and those for training. @throws without `--data`. */
export function splitFlags(flags: Flags): { data: Flags; training: Flags } {
  if (flags.data === undefined)
    throw new Error(
      "Expected --data with the folder of the annotations. The README says what it holds, and what else there is.",
    );
  const chosen = (keep: boolean): Flags =>
    Object.fromEntries(Object.entries(flags).filter(([name]) => names.includes(name) === keep));
  return { data: chosen(true), training: chosen(false) };
}

/** `configs/<name>.json` of the example whose `src/main.ts` has this URL. */
export function configFile(mainUrl: string, name: string): string {
  return relative(process.cwd(), join(dirname(dirname(fileURLToPath(mainUrl))), "configs", `${name}.json`));
}
