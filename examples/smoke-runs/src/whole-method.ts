import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Csl } from "./csl.js";
import { expectContinued, expectThat } from "./expectations.js";

/** Steps of the temporary model after which the run is stopped: within an epoch, between two checkpoints. */
const steps = 20;

/**
 * `csl run` three times with the same words: stopped in the temporary model as Ctrl-C does, continued to its end without a
 * step lost or repeated, and with nothing left to do.
 */
export async function wholeMethod(csl: Csl, words: readonly string[], out: string): Promise<void> {
  const line = ["run", ...words, "--path-dest", out];
  const stop = new AbortController();
  const watch = setInterval(async () => {
    const text = await readFile(join(out, "temporary", "log.jsonl"), "utf8").catch(() => "");
    if (text.split('"type":"step"').length > steps) stop.abort();
  }, 50);
  const stopped = await csl(line, { signal: stop.signal }).then(
    () => false,
    (error: Error) => {
      if (error.name !== "AbortError") throw error;
      return true;
    },
  );
  clearInterval(watch);
  expectThat(stopped, `the run stopped after about ${steps} steps of the temporary model`);

  await csl(line);
  await expectContinued(join(out, "temporary"));

  let told = "";
  await csl(line, { onText: (text) => (told += text) });
  const skipped = told.split("Finished before").length - 1;
  expectThat(skipped === 5 && !told.includes("$ csl"), `the third run skipped all of its ${skipped} steps`);
}
