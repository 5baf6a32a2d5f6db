import { setTimeout as sleep } from "node:timers/promises";
import type { Ranks } from "./ranks.js";

/** Milliseconds after which ranks hear of each other. */
const EVERY = 250;

/**
 * Work of which each rank has its own, of any length: a rank that is through waits for the others for longer than the time
 * limit of one exchange, as long as they answer.
 *
 * @returns this rank's result, when all have ended
 */
export async function waitTogether<T>(ranks: Ranks | undefined, work: () => Promise<T>): Promise<T> {
  if (!ranks) return work();
  let ended = false;
  const working = work();
  const end = working.then(
    () => {
      ended = true;
    },
    () => {
      ended = true;
    },
  );
  for (;;) {
    const active = Float64Array.of(ended ? 0 : 1);
    await ranks.group.allReduce(active);
    if (active[0] === 0) return working;
    const timer = new AbortController();
    const pause = sleep(EVERY, undefined, { signal: timer.signal }).catch(() => {});
    await (ended ? pause : Promise.race([end, pause]));
    timer.abort();
  }
}
