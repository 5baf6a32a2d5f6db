import { dirname } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { claimOutputs, type Input, type Output } from "../outputs/claim-outputs.js";
import { requireReadable, requireWritable } from "./check-path.js";
import { type CommandFlags, type GivenFlags, readConfigFile } from "./config-file.js";
import {
  type AnyFlag,
  type FlagTable,
  file,
  type GroupOptions,
  type OptionsOf,
  optionName,
  rowsOf,
  toggle,
} from "./flag.js";

/** Flags that every command has. */
export const generalFlags = {
  config: file("flags from a JSON file or a module; the command line has priority"),
  quiet: toggle("print results only", { short: "q" }),
};

export type GeneralOptions = GroupOptions<typeof generalFlags>;

/**
 * The options of a command: what the command line gives, else what the configuration file of `--config` gives, else
 * the defaults. Values are checked, and so are the paths that they name.
 *
 * @param speaker the command, as errors begin: `csl train`.
 * @param given what the command line holds.
 * @param commands all commands: a configuration file may hold keys of theirs, which are left to them.
 * @throws CslError naming the flag, what its value must be, what came, and where it can, the way out.
 */
export async function readFlags<Table extends FlagTable>(
  speaker: string,
  table: Table,
  given: GivenFlags,
  commands: readonly CommandFlags[] = [],
): Promise<OptionsOf<Table> & GeneralOptions> {
  const rows = rowsOf({ ...table, General: generalFlags });
  const { config } = given;
  const own = { name: speaker.replace(/^csl /, ""), flags: table };
  const configured = typeof config === "string" ? await readConfigFile(config, own, commands) : {};
  const options: Record<string, unknown> = {};
  for (const [name, row] of rows) {
    const fromFile = !Object.hasOwn(given, name) && Object.hasOwn(configured, name);
    const value = fromFile ? configured[name] : given[name];
    const read = value === undefined ? row.default : row.read(value);
    if (value !== undefined && read === undefined)
      throw new CslError(
        "invalid-argument",
        `${speaker}: ${fromFile ? `${config}: ` : ""}expected ${fromFile ? "" : "--"}${name} to be ${row.expected}, got ${shown(value)}.`,
      );
    if (read !== undefined) options[optionName(name)] = read;
  }
  // Not of a configuration file, which serves other commands as well.
  for (const [name, { more }] of rows)
    if (
      more.needs !== undefined &&
      Object.hasOwn(given, name) &&
      [undefined, false].includes(options[optionName(more.needs)] as undefined | false)
    )
      throw new CslError(
        "invalid-argument",
        `${speaker}: expected --${more.needs} with --${name}, which means nothing without it. Give both or none.`,
      );
  requireFitting(
    speaker,
    rows,
    options,
    (name) => given[name] !== undefined || configured[name] !== undefined,
  );
  for (const [name, { more }] of rows) {
    const path = options[optionName(name)];
    if (typeof path !== "string") continue;
    if (more.reads) await requireReadable(speaker, `--${name}`, path, more.reads);
    if (more.writes === "folder") await requireWritable(speaker, `--${name}`, path);
    if (typeof more.writes === "object")
      await requireWritable(speaker, `the folder of --${name}`, dirname(path));
  }
  await claimOutputs(speaker, outputsIn(rows, options), {
    inputs: inputsIn(rows, options),
    overwrite: options.overwrite === true,
  });
  return options as OptionsOf<Table> & GeneralOptions; // each row has put its own value, or its default, under its own name
}

/**
 * Refuses flags that mean nothing beside the value of another: `--hill-lambda` with `--loss asl`. Where that other is
 * not there, nothing is known yet.
 */
export function requireFitting(
  speaker: string,
  rows: readonly [string, AnyFlag][],
  options: Readonly<Record<string, unknown>>,
  isGiven: (name: string) => boolean,
): void {
  for (const [name, { more }] of rows) {
    if (!more.onlyWith || !isGiven(name)) continue;
    const { flag, values } = more.onlyWith;
    const value = options[optionName(flag)];
    if (value === undefined || values.includes(value as string)) continue;
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected --${name} with --${flag} ${values.join(" or ")} only, got it with --${flag} ${value}. ` +
        `Leave --${name} out, or pass --${flag} ${values[0]}; ${speaker} --help lists the flags of each.`,
    );
  }
}

/** The files that the flags name to be written. */
function outputsIn(rows: readonly [string, AnyFlag][], options: Record<string, unknown>): Output[] {
  return rows.flatMap(([name, { more }]) => {
    const path = options[optionName(name)];
    const { writes } = more;
    return typeof path === "string" && typeof writes === "object"
      ? [{ path, flag: `--${name}`, kind: writes }]
      : [];
  });
}

/** The files and folders that the flags name to be read. */
function inputsIn(rows: readonly [string, AnyFlag][], options: Record<string, unknown>): Input[] {
  return rows.flatMap(([name, { placeholder, more }]) => {
    const path = options[optionName(name)];
    const isPath = placeholder === "file" || placeholder === "folder" || placeholder === "path";
    return isPath && !more.writes && typeof path === "string" ? [{ path, flag: `--${name}` }] : [];
  });
}

/** What a command reads, by its flags: no output of it may take its place. */
export function inputsOf(table: FlagTable, options: object): Input[] {
  return inputsIn(rowsOf({ ...table, General: generalFlags }), options as Record<string, unknown>);
}

/** The options that a resumed run must find as they were. */
export function resumeSettings(table: FlagTable, options: object): Record<string, unknown> {
  const deciding = rowsOf(table).filter(([, row]) => row.more.decidesResume);
  return Object.fromEntries(
    deciding.map(([name]) => [optionName(name), (options as Record<string, unknown>)[optionName(name)]]),
  );
}

/** A value in an error: numbers of the command line without quotes, as they were typed. */
function shown(value: unknown): string {
  const isNumber = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
  return isNumber ? value : JSON.stringify(value);
}
