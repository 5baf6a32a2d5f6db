import { isCslError } from "@csl/internal/errors/csl-error";
import { printableLines } from "@csl/internal/text/printable";
import { threadsLeft } from "./data/image-loaders.js";
import { isLaunched } from "./ranks/find-place.js";
import { runCommand } from "./run-command.js";
import { stopOnSignals } from "./terminal/stop-on-signals.js";

const { signal, exitCode } = stopOnSignals({
  sameWithin: isLaunched(process.env) ? 2000 : 0,
  onStop: () => process.stderr.write("\nfinishing this step; Ctrl-C again stops at once\n"),
});
let failed = 0;
process.stderr.on("error", () => {}); // a terminal that was closed cannot be written to

try {
  await runCommand(process.argv.slice(2), { signal });
} catch (error) {
  const { name, message, stack } = error as Error;
  const expected = isCslError(error) || name === "AbortError"; // their messages are complete
  const text = expected ? message : `csl: unexpected error: ${message} (CSL_DEBUG=1 shows where)`;
  process.stderr.write(`${printableLines(String(process.env.CSL_DEBUG ? stack : text))}\n`);
  failed = isCslError(error, "different") ? 2 : 1;
}
process.exitCode = exitCode() ?? failed;

if (threadsLeft() > 0) {
  // Node would wait for them without limit; a signal does not.
  process.stderr.write("everything is written; the process is stopped now, with exit code 137\n");
  process.kill(process.pid, "SIGKILL");
}
