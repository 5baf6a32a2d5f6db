import { isCslError } from "@csl/internal/errors/csl-error";
import { printableLines } from "@csl/internal/text/printable";
import { threadsLeft } from "./data/image-loaders.js";
import { runCommand } from "./run-command.js";

/** What a shell reports of a process that the signal ended. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

const interrupted = new AbortController();
let exitCode = 0;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    if (interrupted.signal.aborted) process.exit(exitCodes[signal]); // the second one does not wait
    exitCode = exitCodes[signal];
    process.stderr.write("\nfinishing this step; Ctrl-C again stops at once\n");
    interrupted.abort(new DOMException("stopped", "AbortError"));
  });
process.stderr.on("error", () => {}); // a terminal that was closed cannot be written to

try {
  await runCommand(process.argv.slice(2), { signal: interrupted.signal });
} catch (error) {
  const { name, message, stack } = error as Error;
  const expected = isCslError(error) || name === "AbortError"; // their messages are complete
  const text = expected ? message : `csl: unexpected error: ${message} (CSL_DEBUG=1 shows where)`;
  process.stderr.write(`${printableLines(String(process.env.CSL_DEBUG ? stack : text))}\n`);
  exitCode ||= 1;
}
process.exitCode = exitCode;

if (threadsLeft() > 0) {
  // Node would wait for them without limit; a signal does not.
  process.stderr.write("everything is written; the process is stopped now, with exit code 137\n");
  process.kill(process.pid, "SIGKILL");
}
