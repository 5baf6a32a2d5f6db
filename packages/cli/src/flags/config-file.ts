import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CslError } from "@csl/internal/errors/csl-error";
import { readText } from "@csl/internal/files/read-text";
import { parseJson } from "@csl/internal/json/parse-json";
import { type FlagTable, flagName, rowsOf } from "./flag.js";
import { suggestFlags } from "./suggest-flags.js";

/** Values by the names of flags, as they were given. */
export type GivenFlags = Readonly<Record<string, unknown>>;

/** The flags of a command. */
export interface CommandFlags {
  /** Words after `csl`: `train`, `engines build-torch`. */
  name: string;
  flags: FlagTable;
}

/**
 * What a configuration file sets for one command. The file is JSON, or a module (.js, .mjs, .ts under tsx) whose default
 * export is the object. Keys are names of flags, written as on the command line (`gamma-unann`), as in the reference
 * (`gamma_unann`) or in camel case (`gammaUnann`). One file serves all commands of a run: keys of other commands are
 * skipped, and under the name of a command stands what is for that command alone.
 *
 * @param commands all commands. A key that none of them has is refused, so that a typing error is not a silent default.
 */
export async function readConfigFile(
  path: string,
  command: CommandFlags,
  commands: readonly CommandFlags[],
): Promise<GivenFlags> {
  const speaker = `csl ${command.name}`;
  const value =
    extname(path) === ".json" ? await readJson(speaker, path) : await importDefault(speaker, path);
  if (!isObject(value))
    throw new CslError(
      "invalid-file",
      `${speaker}: expected ${path} to hold an object of flags, got ${Array.isArray(value) ? "a list" : typeof value}.`,
    );
  const shared: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  const names = namesOf(command);
  const all = [...new Set([...names, ...commands.flatMap(namesOf)])];
  for (const [key, entry] of Object.entries(value)) {
    const name = flagName(key);
    const section = isObject(entry) && [command, ...commands].find((other) => other.name === name);
    if (section) {
      const known = namesOf(section);
      for (const [inner, innerEntry] of Object.entries(entry)) {
        requireKnown(flagName(inner), known, `${speaker}: ${path} has the key "${inner}" under "${key}"`);
        if (section.name === command.name) own[flagName(inner)] = innerEntry ?? null;
      }
    } else {
      requireKnown(name, names, `${speaker}: ${path} has the key "${key}"`, all);
      // null is a value of JSON, and of no flag.
      if (names.includes(name)) shared[name] = entry ?? null;
    }
  }
  return { ...shared, ...own };
}

/** `config` is none: a configuration file names no other. */
const namesOf = ({ flags }: CommandFlags): string[] =>
  ["quiet", ...rowsOf(flags).map(([name]) => name)].filter((name) => name !== "config");

/** @param also keys that are right as well, and are suggested where they are near. */
function requireKnown(
  name: string,
  known: readonly string[],
  what: string,
  also: readonly string[] = [],
): void {
  if (known.includes(name) || also.includes(name)) return;
  throw new CslError("unknown-option", `${what}, which is no flag. ${suggestFlags(name, known, "", also)}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function readJson(speaker: string, path: string): Promise<unknown> {
  const text = await readText(path).catch((cause: Error) => {
    throw new CslError(
      "cannot-read",
      `${speaker}: expected --config to be a file, got ${path}: ${cause.message}.`,
      {
        cause,
      },
    );
  });
  try {
    return parseJson(text);
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
