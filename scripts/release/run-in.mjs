import { spawn } from "node:child_process";

/** A signal that Ctrl-C, TERM and HUP abort, and which of them it was. The program goes on, to clean up. */
export function untilStopped() {
  const controller = new AbortController();
  let name;
  for (const one of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(one, () => {
      name ??= one;
      controller.abort(new Error(`stopped by ${name}`));
    });
  return { signal: controller.signal, stoppedBy: () => name };
}

/**
 * Runs a program in a folder, with its output on this terminal. It leads a group of its own, which an abort ends: npm and
 * turbo start programs that would otherwise outlive them.
 *
 * @throws where it ends with another exit code than 0
 */
export function runIn(folder, [program, ...words], { signal, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd: folder, env, stdio: "inherit", detached: true });
    const end = (how) => {
      try {
        process.kill(-child.pid, how);
      } catch {
        // it has ended
      }
    };
    let hard;
    const stop = () => {
      end("SIGTERM");
      hard = setTimeout(() => end("SIGKILL"), 10_000);
    };
    signal.addEventListener("abort", stop, { once: true });
    child.on("error", reject);
    child.on("close", (code, by) => {
      signal.removeEventListener("abort", stop);
      clearTimeout(hard);
      if (signal.aborted) {
        end("SIGKILL");
        reject(signal.reason);
      } else if (code === 0) resolve();
      else reject(new Error(`${program} ${words.join(" ")}: ended with ${by ?? code}`));
    });
  });
}
