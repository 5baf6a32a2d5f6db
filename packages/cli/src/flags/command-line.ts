import type { GivenFlags } from "./config-file.js";

/** A command as a person would type it: `train --data 'my data' --no-ema-warmup`. Flags without a value are left out. */
export function commandLine(name: string, flags: GivenFlags): string {
  const words = Object.entries(flags).flatMap(([flag, value]) => {
    if (value === undefined) return [];
    if (value === true) return [`--${flag}`];
    return value === false ? [`--no-${flag}`] : [`--${flag}`, quoted(String(value))];
  });
  return [name, ...words].join(" ");
}

/** As a POSIX shell reads it back. */
const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
