import type { Terminal } from "./terminal/terminal.js";

/** What every command is given besides its flags. */
export interface Context {
  terminal: Terminal;
  /** Aborted by Ctrl-C: finish the step, save, stop. */
  signal: AbortSignal;
}
