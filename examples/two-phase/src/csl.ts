import { formatDuration, runCommand, stopOnSignals } from "@csl/cli";

/** Flags of a `csl` command by name; `true` is a flag without a value, `undefined` none at all. */
export type Flags = Record<string, string | number | true | undefined>;

/** Says why, shows the command line as a person would type it, and runs it in this process. */
export type Csl = (
  why: string,
  words: readonly string[],
  flags: Flags,
  options?: { signal?: AbortSignal },
) => Promise<void>;

/** @param signal Ctrl-C: the running command finishes its step and saves, the next one does not start. */
export function createCsl(signal: AbortSignal, { now = Date.now }: { now?: () => number } = {}): Csl {
  const started = now();
  let step = 0;
  return async (why, words, flags, options) => {
    signal.throwIfAborted();
    step++;
    const given = Object.entries(flags).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, ...(value === true ? [] : [String(value)])],
    );
    const line = [...words, ...given];
    console.log(`\n${step}. ${why}  [${formatDuration((now() - started) / 1000)}]`);
    console.log(`$ csl ${line.map(quoted).join(" ")}`);
    await runCommand(line, { signal: options?.signal ? AbortSignal.any([signal, options.signal]) : signal });
  };
}

/** A word as a shell takes it. */
const quoted = (word: string): string => (/[{}*? ]/.test(word) ? `'${word}'` : word);

/** Runs an example which Ctrl-C, TERM and HUP stop after the running step, and prints an error's message instead of a stack trace. */
export async function runExample(
  example: (csl: Csl, flags: readonly string[]) => Promise<void>,
): Promise<void> {
  const { signal, exitCode } = stopOnSignals();
  const started = Date.now();
  try {
    await example(createCsl(signal), process.argv.slice(2));
    console.log(`\nDone in ${((Date.now() - started) / 1000).toFixed(0)} s.`);
  } catch (error) {
    const stopped = signal.aborted;
    console.error(
      stopped
        ? "\nstopped"
        : `\n${process.env.CSL_DEBUG ? (error as Error).stack : (error as Error).message}`,
    );
    process.exitCode = exitCode() ?? 1;
  }
}
