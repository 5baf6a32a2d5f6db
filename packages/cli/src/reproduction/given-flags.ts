import { trainFlags } from "../commands/train/train-flags.js";
import { type AnyFlag, optionName, rowsOf } from "../flags/flag.js";
import type { RunConfig } from "../runs/read-run.js";

/** Flags that say how a run was started, and not what it is. */
const howStarted = ["resume", "allow-changes", "overwrite", "dist-timeout", "dist-backend"];

/** The flags of `csl train` that give a configuration, by name: those that are not their defaults. */
export function givenFlags(config: RunConfig): Record<string, unknown> {
  const values = config as Readonly<Record<string, unknown>>;
  const given = rowsOf(trainFlags)
    .filter(([name]) => !howStarted.includes(name))
    .map(([name, row]): [string, AnyFlag, unknown] => [name, row, values[optionName(name)]])
    .filter(
      ([, row, value]) => value !== undefined && value !== row.default && row.read(value) !== undefined,
    );
  return Object.fromEntries(given.map(([name, , value]) => [name, value]));
}

/** The same as a command line. */
export function commandLine(config: RunConfig): string[] {
  const words = Object.entries(givenFlags(config)).flatMap(([name, value]) => {
    if (typeof value === "boolean") return [value ? `--${name}` : `--no-${name}`];
    return [`--${name}`, String(value)];
  });
  return ["csl", "train", ...words];
}
