import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Csl, Flags } from "./csl.js";
import { expectContinued } from "./expectations.js";

/**
 * Trains, stops as Ctrl-C does once the log holds `steps` steps, and resumes from the checkpoint; then makes sure that
 * no step was lost or repeated.
 */
export async function interruptedTraining(
  csl: Csl,
  flags: Flags,
  { steps }: { steps: number },
): Promise<void> {
  const folder = String(flags["path-dest"]);
  const stop = new AbortController();
  const watch = setInterval(async () => {
    const text = await readFile(join(folder, "log.jsonl"), "utf8").catch(() => "");
    if (text.split('"type":"step"').length > steps) stop.abort();
  }, 50);
  try {
    await csl(`Phase 1: the temporary model, stopped after about ${steps} steps …`, ["train"], flags, {
      signal: stop.signal,
    });
  } finally {
    clearInterval(watch);
  }
  await csl("… and continued from its checkpoint.", ["train"], {
    ...flags,
    resume: join(folder, "last.safetensors"),
  });
  await expectContinued(folder);
}
