import { availableParallelism } from "node:os";
import { type Engine, startEngine } from "@csl/engine";
import type { GroupOptions } from "../flags/flag.js";
import type { engineFlags } from "../flags/shared-flags.js";
import type { Ranks } from "../ranks/ranks.js";
import { showWaiting } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";

let running: Engine | undefined;

/**
 * Starts the engine once for all commands of a process, and says which one it took.
 *
 * @param options.work how large a step is (`stepWork`), where it is known: by it the fastest engine is chosen
 * @param options.advice whether to say how to get a faster one: for a training, and not again for what follows it.
 */
export async function startCommandEngine(
  { engine, precision = "float32", threads }: Partial<GroupOptions<typeof engineFlags>>,
  terminal: Terminal,
  {
    advice = false,
    ranks,
    work,
  }: { advice?: boolean; ranks?: Ranks | undefined; work?: number | undefined } = {},
): Promise<Engine> {
  if (!running || (engine !== undefined && engine !== running.name))
    running = await showWaiting(terminal, "starting the engine", () =>
      startEngine({
        ...(engine && { prefer: engine }),
        ...(work !== undefined && { work }),
        precision,
        threads: threads ?? threadsPerProcess(process.env.OMP_NUM_THREADS, ranks),
        advice: false,
        log: (line) => terminal.info(line),
      }),
    );
  if (advice && running.faster) terminal.info(`for more speed: ${running.faster}`, { once: true });
  return running;
}

/** The engine of this process, once a command has started it. */
export function runningEngine(): Engine | undefined {
  return running;
}

/** What PyTorch's users set for each process, else an equal part of the machine. */
function threadsPerProcess(omp: string | undefined, ranks?: Pick<Ranks, "localSize">): number {
  const asked = Number(omp);
  if (Number.isSafeInteger(asked) && asked >= 1) return asked;
  return Math.max(1, Math.floor(availableParallelism() / (ranks?.localSize ?? 1)));
}
