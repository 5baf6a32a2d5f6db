import { formatDuration, runCommand, stopOnSignals } from "@csl/cli";

/** Shows a `csl` command line as a person would type it, and runs it in this process. */
export type Csl = (words: readonly string[], options?: CslOptions) => Promise<void>;

export interface CslOptions {
  /** Stops this command. */
  signal?: AbortSignal;
  /** Called with what the command prints on standard error as well. */
  onText?: (text: string) => void;
}

/** @param signal Ctrl-C: the running command finishes its step and saves, the next one does not start. */
function createCsl(signal: AbortSignal): Csl {
  return async (words, { signal: stop, onText = () => {} } = {}) => {
    signal.throwIfAborted();
    console.log(`\n$ csl ${words.map(quoted).join(" ")}`);
    await runCommand(words, {
      signal: stop ? AbortSignal.any([signal, stop]) : signal,
      err: {
        write(text) {
          onText(text);
          process.stderr.write(text);
        },
      },
    });
  };
}

/** A word as a shell takes it. */
const quoted = (word: string): string => (/[{}*? ]/.test(word) ? `'${word}'` : word);

/** Runs an example which Ctrl-C, TERM and HUP stop after the running step, and prints an error's message instead of a stack trace. */
export async function runExample(
  example: (csl: Csl, words: readonly string[]) => Promise<void>,
): Promise<void> {
  const { signal, exitCode } = stopOnSignals();
  const started = Date.now();
  try {
    await example(createCsl(signal), process.argv.slice(2));
    console.log(`\nDone in ${formatDuration((Date.now() - started) / 1000)}.`);
  } catch (error) {
    const { message, stack } = error as Error;
    console.error(`\n${process.env.CSL_DEBUG ? stack : message}`);
    process.exitCode = exitCode() ?? 1;
  }
}
