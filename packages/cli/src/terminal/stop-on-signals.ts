import { Worker } from "node:worker_threads";
import { checkOptions } from "@csl/internal/errors/check-options";

/** What a shell reports of a process that the signal ended. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGUSR1: 138 } as const;
const signals = Object.keys(exitCodes) as (keyof typeof exitCodes)[];

export interface SignalStop {
  /** Aborted by the first of Ctrl-C, TERM, HUP and USR1. */
  signal: AbortSignal;
  /** What the process ends with: 130, 143, 129 or 138 after such a signal, else undefined. */
  exitCode(): number | undefined;
}

/**
 * Makes Ctrl-C, TERM (schedulers, `docker stop`), HUP (a closed terminal) and USR1 (SLURM, before its limit) stop a command in
 * order: the first one
 * aborts `signal`, and the command finishes its step and saves. The second one ends the process at once, whatever it is
 * doing: it is left to the system, which asks no thread.
 *
 * @param options.onStop called at the first signal, to tell the person.
 * @param options.sameWithin milliseconds in which another signal counts as the same one: a launcher such as torchrun hands on
 * what its processes are sent as well. Default 0.
 */
export function stopOnSignals(options: { onStop?: () => void; sameWithin?: number } = {}): SignalStop {
  checkOptions("stopOnSignals", options, { onStop: true, sameWithin: true });
  const { onStop = () => {}, sameWithin = 0 } = options;
  const interrupted = new AbortController();
  const watch = sameWithin === 0 ? watchFromOutside() : undefined;
  let exitCode: number | undefined;
  // From then on the signals do what they do to any process.
  const letGo = (): void => {
    for (const name of signals) process.removeListener(name, stop);
  };
  const stop = (signal: keyof typeof exitCodes): void => {
    if (exitCode !== undefined) return;
    if (sameWithin === 0) letGo();
    else setTimeout(letGo, sameWithin).unref();
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
      if (constants.signals[name]) signal.start(constants.signals[name]); // Windows has no USR1
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
