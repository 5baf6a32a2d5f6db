import { type Csl, createCsl } from "./csl.js";

/** Runs an example with Ctrl-C as the wish to stop, and ends with the error's words instead of a stack trace. */
export async function runExample(
  example: (csl: Csl, flags: readonly string[]) => Promise<void>,
): Promise<void> {
  const interrupted = new AbortController();
  process.on("SIGINT", () => {
    if (interrupted.signal.aborted) process.exit(130); // the second Ctrl-C does not wait
    interrupted.abort();
  });
  const started = Date.now();
  try {
    await example(createCsl(interrupted.signal), process.argv.slice(2));
    console.log(`\nDone in ${((Date.now() - started) / 1000).toFixed(0)} s.`);
  } catch (error) {
    const stopped = interrupted.signal.aborted;
    console.error(
      stopped
        ? "\nstopped"
        : `\n${process.env.CSL_DEBUG ? (error as Error).stack : (error as Error).message}`,
    );
    process.exitCode = stopped ? 130 : 1;
  }
}
