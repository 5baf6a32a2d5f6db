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
  process.stderr.write(`${process.env.CSL_DEBUG ? (error as Error).stack : (error as Error).message}\n`);
  process.exitCode = 1;
}
