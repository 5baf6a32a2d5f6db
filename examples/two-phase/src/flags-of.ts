import type { Flags } from "./csl.js";

/** `["--data", "x", "--per-class"]` → `{ data: "x", "per-class": true }`: what the person added to the command. */
export function flagsOf(words: readonly string[]): Flags {
  const flags: Flags = {};
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
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
