import { readFile } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CslError } from "@csl/internal/errors/csl-error";
import { nearMatches } from "@csl/internal/text/near-matches";
import { requireReadable, requireWritable } from "./check-path.js";
import {
  type FlagTable,
  file,
  flagName,
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

/** Values by the names of flags, as they were given. */
export type GivenFlags = Readonly<Record<string, unknown>>;

/**
 * The options of a command: what the command line gives, else what the configuration file of `--config` gives, else
 * the defaults. Values are checked, and so are the paths that they name.
 *
 * @param speaker the command, as errors begin: `csl train`.
 * @param given what the command line holds.
 * @throws CslError naming the flag, what its value must be, what came, and where it can, the way out.
 */
export async function readFlags<Table extends FlagTable>(
  speaker: string,
  table: Table,
  given: GivenFlags,
): Promise<OptionsOf<Table> & GeneralOptions> {
  const rows = rowsOf({ ...table, General: generalFlags });
  const { config } = given;
  const configured =
    typeof config === "string"
      ? await readConfigFile(
          speaker,
          config,
          rows.map(([name]) => name),
        )
      : {};
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
  for (const [name, { more }] of rows) {
    const path = options[optionName(name)];
    if (typeof path !== "string") continue;
    if (more.reads) await requireReadable(speaker, `--${name}`, path, more.reads);
    if (more.writes === "folder") await requireWritable(speaker, `--${name}`, path);
    if (more.writes === "file") await requireWritable(speaker, `the folder of --${name}`, dirname(path));
  }
  return options as OptionsOf<Table> & GeneralOptions; // each row has put its own value, or its default, under its own name
}

/** The options that a resumed run must find as they were. */
export function resumeSettings(table: FlagTable, options: object): Record<string, unknown> {
  const deciding = rowsOf(table).filter(([, row]) => row.more.decidesResume);
  return Object.fromEntries(
    deciding.map(([name]) => [optionName(name), (options as Record<string, unknown>)[optionName(name)]]),
  );
}

/** The flags that an unknown one may mean, in words, or else all of them; `also` are only suggested. */
export function suggestFlags(
  name: string,
  known: readonly string[],
  prefix = "--",
  also: readonly string[] = [],
): string {
  const near = nearMatches(name, [...known, ...also]);
  const list = (near.length > 0 ? near : known).map((flag) => prefix + flag).join(", ");
  return near.length > 0 ? `Did you mean ${list}?` : `Known: ${list}.`;
}

/**
 * Reads a configuration file: JSON, or a module (.js, .mjs, .ts under tsx) whose default export is the object. Keys are
 * names of flags, written as on the command line (`gamma-unann`), as in the reference (`gamma_unann`) or in camel case
 * (`gammaUnann`).
 *
 * @param known names of flags; any other key is refused, so that a typing error is not a silent default.
 */
async function readConfigFile(speaker: string, path: string, known: readonly string[]): Promise<GivenFlags> {
  const value =
    extname(path) === ".json" ? await readJson(speaker, path) : await importDefault(speaker, path);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new CslError(
      "invalid-file",
      `${speaker}: expected ${path} to hold an object of flags, got ${Array.isArray(value) ? "a list" : typeof value}.`,
    );
  const flags: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    const name = flagName(key);
    if (!known.includes(name))
      throw new CslError(
        "unknown-option",
        `${speaker}: ${path} has the key "${key}", which is not a flag of this command. ${suggestFlags(name, known, "")}`,
      );
    // null is a value of JSON, and of no flag.
    flags[name] = entry ?? null;
  }
  return flags;
}

async function readJson(speaker: string, path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new CslError(
      "cannot-read",
      `${speaker}: expected --config to be a file, got ${path}: ${cause.message}.`,
      {
        cause,
      },
    );
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CslError("invalid-file", `${speaker}: expected JSON in ${path}: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

async function importDefault(speaker: string, path: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown };
    return module.default;
  } catch (cause) {
    throw new CslError(
      "invalid-file",
      `${speaker}: expected --config to be a JSON file or a module, got ${path}: ${(cause as Error).message}.`,
      { cause },
    );
  }
}

/** A value in an error: numbers of the command line without quotes, as they were typed. */
function shown(value: unknown): string {
  const isNumber = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
  return isNumber ? value : JSON.stringify(value);
}
