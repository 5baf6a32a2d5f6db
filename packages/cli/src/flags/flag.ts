import { type Command, InvalidArgumentError, Option } from "commander";
import { readConfigFile } from "./config-file.js";

/**
 * One flag of a command as data: `["--gamma-unann <number>", "what it does", default]`. The type of the default decides
 * how the value is read; a flag without one (undefined) is text.
 */
export type Flag = readonly [
  flags: string,
  description: string,
  value?: number | string | boolean | undefined,
  choices?: readonly string[],
];

/** Adds flags, `--config` among them, and accepts the reference's underscores (`--gamma_unann`) for each. */
export function addFlags(command: Command, flags: readonly Flag[]): Command {
  for (const [text, description, value, choices] of flags) {
    const option = new Option(text, description);
    if (value !== undefined) option.default(value);
    if (choices) option.argParser((given: string) => oneOf(given, choices));
    else if (typeof value === "number" || text.includes("<number>")) option.argParser(toNumber);
    command.addOption(option);
  }
  command.option("--config <file>", "flags from a JSON file or a module; the command line wins over it");
  return command.hook("preAction", (_, action) => mergeConfigFile(action));
}

/** `--gamma_unann=4` → `--gamma-unann=4`: what someone who knows the reference types. Values are left alone. */
export function kebabCaseFlags(args: readonly string[]): string[] {
  return args.map((argument) => {
    if (!argument.startsWith("--")) return argument;
    const end = argument.indexOf("=");
    const name = end < 0 ? argument : argument.slice(0, end);
    return name.replaceAll("_", "-") + (end < 0 ? "" : argument.slice(end));
  });
}

/** Lays the values of `--config` under those given on the command line. */
async function mergeConfigFile(command: Command): Promise<void> {
  const { config } = command.opts<{ config?: string }>();
  if (!config) return;
  // --x and --no-x set the same value; --x is the one that says what a value may be.
  const negatedFirst = command.options.toSorted((a, b) => Number(b.negate) - Number(a.negate));
  const known = new Map(negatedFirst.map((option) => [option.attributeName(), option]));
  for (const [name, value] of Object.entries(await readConfigFile(config, [...known.keys()]))) {
    if (command.getOptionValueSource(name) === "cli") continue;
    const flag = known.get(name)!;
    command.setOptionValueWithSource(name, configValue(value, flag, config), "config");
  }
}

/** A value of a configuration file as the command line would have given it; never of a type that the flag has not. */
function configValue(value: unknown, flag: Option, config: string): unknown {
  const wrong = (expected: string): Error =>
    new Error(
      `csl: ${config}: expected ${flag.long?.slice(2)} to be ${expected}, got ${JSON.stringify(value)}.`,
    );
  if (flag.isBoolean() || flag.negate) {
    if (typeof value !== "boolean") throw wrong("true or false");
    return value;
  }
  if (flag.parseArg === toNumber && typeof value === "number") return value;
  if (typeof value !== "string") throw wrong(flag.parseArg === toNumber ? "a number" : "a text");
  try {
    return flag.parseArg ? flag.parseArg(value, undefined) : value;
  } catch (error) {
    throw wrong((error as Error).message.replace(/^Expected (.*), got ".*"\.$/, "$1"));
  }
}

function toNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new InvalidArgumentError(`Expected a number, got "${text}".`);
  return value;
}

function oneOf(text: string, choices: readonly string[]): string {
  const value = text.replaceAll("_", "-").toLowerCase();
  if (!choices.includes(value))
    throw new InvalidArgumentError(`Expected one of ${choices.join(", ")}, got "${text}".`);
  return value;
}
