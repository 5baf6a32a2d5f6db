import { contestants } from "./contestants.js";
import { jobOf } from "./job-of.js";
import type { SpeedCase } from "./speed-cases.js";
import type { Worker } from "./worker.js";

/**
 * Has torch.compile compile what the cases will ask of it, while the CPU has little else to do: PyTorch keeps it in a cache, from which
 * the contestant takes it later.
 */
export async function warmPytorch(
  worker: Worker,
  cases: readonly SpeedCase[],
  signal: AbortSignal,
): Promise<void> {
  const compiled = contestants.filter(({ compile }) => compile);
  try {
    for (const speedCase of cases.filter(({ compile }) => compile))
      for (const contestant of compiled)
        await worker.ask({ prepare: jobOf(speedCase, contestant) }, signal).catch(() => {}); // told when it is measured
  } finally {
    worker.end();
  }
}
