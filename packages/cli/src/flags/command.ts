import type { Terminal } from "../terminal/terminal.js";
import type { CommandFlags, GivenFlags } from "./config-file.js";
import type { FlagTable, OptionsOf } from "./flag.js";
import { type GeneralOptions, generalFlags, readFlags } from "./read-flags.js";

/** What every command is given besides its options. */
export interface Context {
  terminal: Terminal;
  /** Aborted by Ctrl-C: finish the step, save, stop. */
  signal: AbortSignal;
  /** The command of which this one is a step: that one, started again, continues it. */
  continuedBy?: string;
}

/** What follows the name of a command besides flags. */
export interface Positional {
  name: string;
  /** Any number of them, none included; else exactly one. */
  many: boolean;
}

/** A command of `csl`. */
export interface Command extends CommandFlags {
  summary: string;
  positional: Positional | undefined;
  execute(
    given: GivenFlags,
    words: readonly string[],
    contextFor: (options: { quiet: boolean }) => Context,
    /** All commands, whose keys a configuration file may hold as well. */
    commands: readonly CommandFlags[],
  ): Promise<void>;
}

/** A command whose function is given the options that its table of flags describes. */
export function defineCommand<Table extends FlagTable>({
  name,
  summary,
  positional,
  flags,
  run,
}: {
  name: string;
  summary: string;
  positional?: Positional;
  flags: Table;
  run: (
    options: OptionsOf<Table> & GeneralOptions,
    context: Context,
    words: readonly string[],
  ) => Promise<unknown>;
}): Command {
  return {
    name,
    summary,
    positional,
    flags: { ...flags, General: generalFlags },
    async execute(given, words, contextFor, commands) {
      const options = await readFlags(`csl ${name}`, flags, given, commands);
      await run(options, contextFor(options), words);
    },
  };
}

/** What a command throws that was interrupted by `signal`; the message says what is kept and how to continue. */
export function stopped(message: string): DOMException {
  return new DOMException(message, "AbortError");
}
