import type { Command, Positional } from "../../flags/command.js";
import { type AnyFlag, rowsOf } from "../../flags/flag.js";

/** What may stand for a value as far as a shell can know. */
export interface CompletedValue {
  words: readonly string[];
  paths: "file" | "folder" | undefined;
}

export interface CompletedFlag {
  /** With hyphens: `--data`, `-b`; for a switch that a file may have set, also `--no-…`. */
  spellings: readonly string[];
  description: string;
  /** Undefined for a switch. */
  value: CompletedValue | undefined;
  /** What stands for the value in the help. */
  placeholder: string;
}

/** A command as a shell needs to know it. */
export interface CompletedCommand {
  /** One word, or two as in `weights get`. */
  name: string;
  summary: string;
  flags: readonly CompletedFlag[];
  /** What follows besides flags: any number of these or one; undefined for none. */
  words: CompletedValue | undefined;
}

export function completed({ name, summary, flags, positional }: Command): CompletedCommand {
  const rows = rowsOf(flags).flatMap(([flag, row]) => completedFlags(flag, row));
  return { name, summary, flags: rows, words: positional && wordsOf(positional) };
}

function wordsOf({ choices, takesFiles = !choices }: Positional): CompletedValue {
  return { words: choices ?? [], paths: takesFiles ? "file" : undefined };
}

function completedFlags(name: string, row: AnyFlag): CompletedFlag[] {
  const { description, placeholder, more } = row;
  const short = more.short ? [`-${more.short}`] : [];
  const own = { spellings: [`--${name}`, ...short], description };
  if (placeholder !== undefined) return [{ ...own, value: takenValue(row), placeholder }];
  const off = { spellings: [`--no-${name}`], description: `switch --${name} off` };
  return [own, off].map((one) => ({ ...one, value: undefined, placeholder: "" }));
}

function takenValue({ placeholder, more: { choices = [] } }: AnyFlag): CompletedValue {
  const kinds = { file: "file", path: "file", folder: "folder" } as const;
  return { words: choices, paths: kinds[placeholder as keyof typeof kinds] };
}
