import { threadsLeft } from "./engine/close-loaders.js";
import { runCommand } from "./run-command.js";

const interrupted = new AbortController();
process.on("SIGINT", () => {
  if (interrupted.signal.aborted) process.exit(130); // the second Ctrl-C does not wait
  interrupted.abort();
  process.stderr.write("\nfinishing this step; Ctrl-C again stops at once\n");
});

try {
  await runCommand(process.argv.slice(2), { signal: interrupted.signal });
} catch (error) {
  const stopped = interrupted.signal.aborted && (error as Error).name === "AbortError";
  const text = process.env.CSL_DEBUG ? (error as Error).stack : (error as Error).message;
  process.stderr.write(`${stopped ? "stopped" : text}\n`);
  process.exitCode = stopped ? 130 : 1;
}

if (threadsLeft() > 0) {
  // Node would wait for them, for ever if need be; a signal does not.
  process.stderr.write("everything is written; ended by force, with exit code 137\n");
  process.kill(process.pid, "SIGKILL");
}
