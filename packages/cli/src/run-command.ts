import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { nearMatches } from "@csl/internal/text/near-matches";
import { CommanderError, Option, Command as Parser } from "commander";
import { commands } from "./commands/commands.js";
import type { Command } from "./flags/command.js";
import { type AnyFlag, flagName } from "./flags/flag.js";
import { suggestFlags } from "./flags/suggest-flags.js";
import { createTerminal } from "./terminal/terminal.js";
import { version } from "./version.js";

export interface RunCommandOptions {
  /** Aborted: a training finishes its step, saves and stops. */
  signal?: AbortSignal;
  /** Where results go. Default: standard output. */
  out?: { write(text: string): unknown };
  /** Where narration and progress go. Default: standard error. */
  err?: { write(text: string): unknown };
}

/**
 * Runs one `csl` command line in this process, e.g. `["train", "--data", "scenes"]`.
 *
 * @throws CslError for bad input, with a message that says what was expected and the way out; an error named
 * `AbortError` for a command that `signal` stopped, except for a training, which ends as usual.
 */
export async function runCommand(args: readonly string[], options: RunCommandOptions = {}): Promise<void> {
  checkOptions("runCommand", options, { signal: true, out: true, err: true });
  const { signal = new AbortController().signal, out = process.stdout, err = process.stderr } = options;
  const words = args.length === 0 ? ["--help"] : hyphenated(args);
  if (versionWords.includes(words[0]!)) {
    out.write(`${version()}\n`);
    return;
  }
  requireCommand(words[0]!);
  const program = new Parser("csl")
    .description(
      "Multi-label classification with partial annotations: Class-aware Selective Loss (arXiv 2110.10955).",
    )
    .version(version(), "-v, --version", "print the version")
    // A flag behind `csl weights get` is that command's, also where `csl weights` has one of the same name.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: () => {} });
  for (const command of commands)
    addCommand(program, command, ({ quiet }) => ({ terminal: createTerminal(out, err, { quiet }), signal }));
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return; // the help was asked for and shown
    // Unknown flags and surplus words are refused in addCommand: what is left is a flag at the end without its value.
    throw new CslError("invalid-argument", `csl: expected a value after ${words.at(-1)}, got none.`);
  }
}

/** `--gamma_unann=4` → `--gamma-unann=4`: what someone who knows the reference types. Values are left alone. */
function hyphenated(args: readonly string[]): string[] {
  return args.map((argument) => {
    if (!argument.startsWith("--")) return argument;
    const end = argument.indexOf("=");
    const name = end < 0 ? argument : argument.slice(0, end);
    return name.replaceAll("_", "-") + (end < 0 ? "" : argument.slice(end));
  });
}

/** How people ask for the version: as of npm and node, and as of others. */
const versionWords = ["-v", "--version", "-V", "version"];

function requireCommand(word: string): void {
  const names = [...new Set(commands.map(({ name }) => name.split(" ")[0]!)), "help"];
  if (names.includes(word) || word === "-h" || word === "--help") return;
  if (word.startsWith("-"))
    throw new CslError(
      "unknown-option",
      `csl: expected a command before ${word}. ${suggestFlags(word.replace(/^-+/, ""), ["help", "version"])} Flags follow a command: csl train ${word}.`,
    );
  const near = nearMatches(word, names);
  throw new CslError(
    "not-found",
    `csl: expected a command, got "${word}". ${near.length > 0 ? `Did you mean ${near.join(", ")}?` : `Known: ${names.join(", ")}.`}`,
  );
}

/** Tells commander of a command and its flags; their values are read and checked by the table, not by commander. */
function addCommand(
  program: Parser,
  { name, summary, positional, flags, execute }: Command,
  contextFor: Parameters<Command["execute"]>[2],
): void {
  const path = name.split(" ");
  const parent = path.length > 1 ? program.commands.find((command) => command.name() === path[0])! : program;
  const parser = parent
    .command(path.at(-1)!)
    .description(summary)
    .allowUnknownOption()
    .allowExcessArguments();
  if (positional)
    parser.argument(`[${positional.name}${positional.many ? "..." : ""}]`, positional.description);
  const known = Object.values(flags).flatMap((group) => Object.keys(group));
  for (const [heading, group] of Object.entries(flags))
    for (const [flag, row] of Object.entries(group))
      for (const option of optionsFor(flag, row)) parser.addOption(option.helpGroup(`${heading}:`));
  parser.action(async () => {
    const words = parser.args;
    const unknown = words.find((word) => word.startsWith("-"));
    if (unknown !== undefined) {
      const [flag] = unknown.replace(/^--?/, "").split("=") as [string];
      throw new CslError(
        "unknown-option",
        `csl ${name}: unknown flag ${unknown}. ${suggestFlags(flag, known, "--", ["help"])}`,
      );
    }
    requireWords(name, words, positional);
    const given = Object.entries(parser.opts()).filter(([key]) => parser.getOptionValueSource(key) === "cli");
    await execute(
      Object.fromEntries(given.map(([key, value]) => [flagName(key), value])),
      words,
      contextFor,
      commands,
    );
  });
}

function requireWords(name: string, words: readonly string[], positional: Command["positional"]): void {
  if (positional?.many) return;
  const most = positional ? 1 : 0;
  if (words.length > most)
    throw new CslError(
      "invalid-argument",
      `csl ${name}: expected no "${words[most]}" here. See csl ${name} --help.`,
    );
  if (words.length < most)
    throw new CslError(
      "invalid-argument",
      `csl ${name}: expected a ${positional!.name}, got none: csl ${name} ${positional!.name.toUpperCase()}.` +
        (positional!.description ? ` ${positional!.name.toUpperCase()}: ${positional!.description}.` : ""),
    );
}

/**
 * As commander has them: two for a switch, as a configuration file may have set it. The help shows `--no-` where it can
 * be needed without one: the switch is on by default, or its default is another's, as in `csl run`.
 */
function optionsFor(name: string, { placeholder, description, default: value, more }: AnyFlag): Option[] {
  const short = more.short ? `-${more.short}, ` : "";
  const option = new Option(`${short}--${name}${placeholder ? ` <${placeholder}>` : ""}`, description);
  if (more.choices) option.argChoices = [...more.choices];
  if (value !== undefined && value !== false) option.default(value);
  if (placeholder !== undefined) return [option];
  return [option, new Option(`--no-${name}`, `switch --${name} off`).hideHelp(value === false)];
}
