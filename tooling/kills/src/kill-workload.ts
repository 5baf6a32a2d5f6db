import { cp, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { compareFolders } from "./compare-folders.js";
import { runProcess } from "./run-process.js";
import type { Workload } from "./workload.js";

export interface Trial {
  workload: string;
  signal: NodeJS.Signals;
  /** Milliseconds between the start and the kill, and for both runs. */
  after: number;
  milliseconds: number;
  /** What is not as it should be; none when nothing was lost. */
  faults: string[];
}

export interface KillOptions {
  /** The folder that all of it is in. */
  base: string;
  signals: readonly NodeJS.Signals[];
  /** Kills by each signal. */
  kills: number;
  /** From 0 to below 1. */
  random: () => number;
  /** Where the folders of trials with faults are kept. */
  keep: string | undefined;
  onTrial: (trial: Trial) => void;
}

/** What a shell reports of a process that such a signal ended in order. */
const exitCodes: Record<string, number> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/**
 * Kills a command at a random moment, starts it again in the same folder, and compares what is there then with what an
 * undisturbed run left.
 */
export async function killWorkload(workload: Workload, options: KillOptions): Promise<Trial[]> {
  const { base, signals, kills, random, keep, onTrial } = options;
  const expected = join(base, `${workload.name}-undisturbed`);
  // The same path in all runs, as some results name it.
  const folder = join(base, `${workload.name}-run`);
  const begin = () =>
    rm(folder, { recursive: true, force: true }).then(() => mkdir(base, { recursive: true }));
  await begin();
  const whole = await runProcess(await workload.command(folder));
  if (whole.code !== 0) throw new Error(`${workload.name} does not work undisturbed: ${whole.stderr}`);
  await rm(expected, { recursive: true, force: true });
  await rename(folder, expected);

  const trials: Trial[] = [];
  for (const signal of signals) {
    for (let number = 0; number < kills; number++) {
      await begin();
      const after = Math.round(random() * whole.milliseconds * 1.05);
      const first = await runProcess(await workload.command(folder), { signal, after });
      const second = await runProcess(await workload.command(folder));
      const faults = [
        ...endFaults(first, signal),
        ...(second.code === 0
          ? []
          : [`the repetition ended with ${second.code}: ${second.stderr.slice(-600)}`]),
      ];
      if (second.code === 0) faults.push(...(await compareFolders(expected, folder)));
      if (faults.length > 0 && keep !== undefined)
        await cp(folder, join(keep, `${workload.name}-${signal}-${number}`), { recursive: true });
      const trial = {
        ...{ workload: workload.name, signal, after, faults },
        milliseconds: first.milliseconds + second.milliseconds,
      };
      trials.push(trial);
      onTrial(trial);
    }
  }
  return trials;
}

/** The first process ends by the kill, in order after a signal that it hears, or before it was killed. */
function endFaults(
  { code, signal: by, stderr }: { code: number | null; signal: string | null; stderr: string },
  signal: string,
): string[] {
  // Before its handlers are there, a signal ends any process.
  if (code === 0 || by === signal || code === exitCodes[signal]) return [];
  return [`${signal} ended it with ${code ?? by}: ${stderr.slice(-600)}`];
}
