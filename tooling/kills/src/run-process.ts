import { spawn } from "node:child_process";

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
  milliseconds: number;
}

/** How and when a process is killed. */
export interface Kill {
  signal: NodeJS.Signals;
  /** Milliseconds after its start. */
  after: number;
}

/** Milliseconds after which a process that should have ended is taken for one that hangs. */
const PATIENCE = 120_000;

/** Runs Node with these words to its end, or until it is killed. */
export async function runProcess(words: readonly string[], kill?: Kill): Promise<ProcessEnd> {
  const started = performance.now();
  const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => {
    stderr = (stderr + text.toString()).slice(-4000);
  });
  const killing = kill && setTimeout(() => child.kill(kill.signal), kill.after);
  const hanging = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(killing);
      clearTimeout(hanging);
      resolve({ code, signal, stderr, milliseconds: performance.now() - started });
    });
  });
}
