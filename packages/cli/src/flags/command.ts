import { isCslError } from "@csl/internal/errors/csl-error";
import { findPlace } from "../ranks/find-place.js";
import { joinRanks, type Ranks } from "../ranks/ranks.js";
import { silent, type Terminal } from "../terminal/terminal.js";
import type { CommandFlags, GivenFlags } from "./config-file.js";
import type { FlagTable, GroupOptions, OptionsOf } from "./flag.js";
import { type GeneralOptions, generalFlags, readFlags } from "./read-flags.js";
import { ranksFlags } from "./shared-flags.js";

/** What every command is given besides its options. */
export interface Context {
  terminal: Terminal;
  /** Aborted by Ctrl-C: finish the step, save, stop. */
  signal: AbortSignal;
  /** The command of which this one is a step: that one, started again, continues it. */
  continuedBy?: string;
  /** The processes that run the command together; undefined for one alone. */
  ranks?: Ranks | undefined;
}

/** What follows the name of a command besides flags. */
export interface Positional {
  name: string;
  /** Any number of them, none included; else exactly one. */
  many: boolean;
  /** For the help: what may be given. */
  description?: string;
  /** For a shell's completion: the words that are known. */
  choices?: readonly string[];
  /** Whether a path may stand here. Default: where there are no `choices`. */
  takesFiles?: boolean;
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
  shared = false,
  run,
}: {
  name: string;
  summary: string;
  positional?: Positional;
  flags: Table;
  /** Several processes run it together, where torchrun, srun or mpirun starts them. Else each runs it for itself. */
  shared?: boolean;
  run: (
    options: OptionsOf<Table> & GeneralOptions,
    context: Context,
    words: readonly string[],
  ) => Promise<unknown>;
}): Command {
  const several = { "Several processes": { ...flags["Several processes"], ...ranksFlags } };
  const table = shared ? { ...flags, ...several } : flags;
  return {
    name,
    summary,
    positional,
    flags: { ...table, General: generalFlags },
    async execute(given, words, contextFor, commands) {
      const options = await readFlags(`csl ${name}`, table, given, commands);
      const context = contextFor(options);
      const place = shared && !context.ranks ? findPlace(`csl ${name}`, process.env) : undefined;
      if (!place) {
        await run(options, context, words);
        return;
      }
      const timeout = (options as unknown as GroupOptions<typeof ranksFlags>).distTimeout;
      const terminal = place.rank === 0 ? context.terminal : silent;
      try {
        const ranks = await joinRanks(place, { ...context, timeout, terminal });
        await run(options, { ...context, terminal, ranks }, words);
        await ranks.group.close();
      } catch (error) {
        throw ofRank(error, place);
      }
    },
  };
}

/** The errors of several processes come into one terminal. Those of their group say already whose they are. */
function ofRank(error: unknown, { rank, size }: { rank: number; size: number }): unknown {
  if (isCslError(error) && !("rank" in error)) error.message = `rank ${rank} of ${size}: ${error.message}`;
  return error;
}

/** What a command throws that was interrupted by `signal`; the message says what is kept and how to continue. */
export function stopped(message: string): DOMException {
  return new DOMException(message, "AbortError");
}
