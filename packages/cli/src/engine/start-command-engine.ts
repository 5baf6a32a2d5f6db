import { type Engine, type EngineName, type Precision, startEngine } from "@csl/engine";
import type { Terminal } from "../terminal/terminal.js";

let running: Engine | undefined;

/** Starts the engine once for all commands of a process, and says which one it took and how to get a faster one. */
export async function startCommandEngine(
  { engine, precision = "float32" }: { engine?: string; precision?: Precision },
  terminal: Terminal,
): Promise<Engine> {
  if (running && (engine === undefined || engine === running.name)) return running;
  running = await startEngine({
    ...(engine === undefined ? {} : { prefer: engine as EngineName }),
    precision,
    log: (line) => terminal.info(line),
  });
  return running;
}
