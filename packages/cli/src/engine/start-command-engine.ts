import { type Engine, startEngine } from "@csl/engine";
import type { GroupOptions } from "../flags/flag.js";
import type { engineFlags } from "../flags/shared-flags.js";
import { showWaiting } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";

let running: Engine | undefined;

/** Starts the engine once for all commands of a process, and says which one it took and how to get a faster one. */
export async function startCommandEngine(
  { engine, precision = "float32" }: Partial<GroupOptions<typeof engineFlags>>,
  terminal: Terminal,
): Promise<Engine> {
  if (running && (engine === undefined || engine === running.name)) return running;
  running = await showWaiting(terminal, "starting the engine", () =>
    startEngine({
      ...(engine && { prefer: engine }),
      precision,
      log: (line) => terminal.info(line),
    }),
  );
  return running;
}
