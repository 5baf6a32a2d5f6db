import { Worker } from "node:worker_threads";
import { checkOptions } from "@csl/internal/errors/check-options";

/** What a shell reports of a process that the signal ended. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const signals = Object.keys(exitCodes) as (keyof typeof exitCodes)[];

export interface SignalStop {
  /** Aborted by the first of Ctrl-C, TERM and HUP. */
  signal: AbortSignal;
  /** What the process ends with: 130, 143 or 129 after such a signal, else undefined. */
  exitCode(): number | undefined;
}

/**
 * Makes Ctrl-C, TERM (schedulers, `docker stop`) and HUP (a closed terminal) stop a command in order: the first one
 * aborts `signal`, and the command finishes its step and saves. The second one ends the process at once, whatever it is
 * doing: it is left to the system, which asks no thread.
 *
 * @param options.onStop called at the first signal, to tell the person.
 */
export function stopOnSignals(options: { onStop?: () => void } = {}): SignalStop {
  checkOptions("stopOnSignals", options, { onStop: true });
  const { onStop = () => {} } = options;
  const interrupted = new AbortController();
  const watch = watchFromOutside();
  let exitCode: number | undefined;
  const stop = (signal: keyof typeof exitCodes): void => {
    // From now on the signals do what they do to any process.
    for (const name of signals) process.removeListener(name, stop);
    void watch?.terminate();
    exitCode = exitCodes[signal];
    onStop();
    interrupted.abort(new DOMException("stopped", "AbortError"));
  };
  for (const name of signals) process.on(name, stop);
  return { signal: interrupted.signal, exitCode: () => exitCode };
}

/**
 * A thread that ends the process at the second signal when this thread hangs (in a decoder, say) and has not even seen
 * the first. Threads cannot ask for signals by the public interface of Node; where the internal one is missing there is
 * no such watch.
 */
function watchFromOutside(): Worker | undefined {
  const program = `
    process.noDeprecation = true;
    const { Signal } = process.binding("signal_wrap");
    const { constants } = require("node:os");
    let seen = 0;
    for (const name of ${JSON.stringify(signals)}) {
      const signal = new Signal();
      signal.onsignal = () => {
        if (++seen === 2) process.kill(process.pid, "SIGKILL");
      };
      signal.start(constants.signals[name]);
    }`;
  try {
    const limits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };
    const worker = new Worker(program, { eval: true, execArgv: [], resourceLimits: limits });
    worker.on("error", () => {});
    worker.unref();
    return worker;
  } catch {
    return undefined;
  }
}
