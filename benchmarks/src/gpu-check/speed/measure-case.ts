import type { CaseResult, Measured } from "./case-result.js";
import { type Contestant, contestants } from "./contestants.js";
import type { Question, Ran, Ready } from "./job.js";
import { jobOf } from "./job-of.js";
import type { SpeedCase } from "./speed-cases.js";

/** Puts a question to a contestant's process. */
export type Ask = <T>(contestant: Contestant, question: Question) => Promise<T>;

/** A repetition takes about so long, and is repeated so often. */
const repetitionMs = 600;
const repetitions = 3;

/**
 * Measures a case: all contestants get ready one after the other, then their repetitions alternate, so that what else the machine
 * does falls on all. A contestant that fails is reported and left out; when `signal` is aborted, what was measured remains.
 */
export async function measureCase(
  speedCase: SpeedCase,
  { ask, signal }: { ask: Ask; signal: AbortSignal },
): Promise<CaseResult> {
  const measured: Record<string, Measured> = {};
  const running = new Map<Contestant, { ran: Ran[]; ms: number }>();
  const attempt = async (contestant: Contestant, question: () => Promise<void>): Promise<void> => {
    if (signal.aborted) return;
    await question().catch(({ message }: Error) => {
      if (signal.aborted) return;
      running.delete(contestant);
      measured[contestant.name] = { error: message };
    });
  };
  for (const contestant of contestants) {
    if (contestant.compile && !speedCase.compile) continue;
    await attempt(contestant, async () => {
      const { ms } = await ask<Ready>(contestant, { prepare: jobOf(speedCase, contestant) });
      running.set(contestant, { ran: [], ms });
    });
  }
  const slowest = Math.max(...[...running.values()].map(({ ms }) => ms));
  const run = Math.min(50, Math.max(1, Math.ceil(repetitionMs / slowest)));
  for (let round = 0; round < repetitions; round++)
    for (const [contestant, { ran }] of [...running])
      await attempt(contestant, async () => void ran.push(await ask<Ran>(contestant, { run })));
  for (const [{ name }, { ran }] of running) {
    if (ran.length > 0) measured[name] = summary(ran, run * speedCase.batch);
  }
  const counts = [...running.values()].map(({ ran }) => ran.length);
  const least = counts.length > 0 ? Math.min(...counts) : 0;
  return {
    case: speedCase,
    measured,
    ...(signal.aborted && { reason: `out of time after ${least} of ${repetitions} repetitions` }),
  };
}

function summary(ran: readonly Ran[], images: number): Measured {
  const ms = ran.map((one) => one.ms).sort((a, b) => a - b)[ran.length >> 1]!;
  const peak = ran.at(-1)!.peakBytes;
  return { imagesPerSecond: (1000 * images) / ms, ...(peak !== null && { peakGb: peak / 2 ** 30 }) };
}
