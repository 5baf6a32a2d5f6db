import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { nearMatches } from "@csl/internal/text/near-matches";

/**
 * Reads a configuration file whose keys are flag names: JSON, or a module (.js, .mjs, .ts under tsx) whose default
 * export is the object. Keys may be written as on the command line (`gamma-unann`), as in the reference
 * (`gamma_unann`) or in camel case (`gammaUnann`); the result is in camel case.
 *
 * @param known flag names in camel case; any other key is an error, so that a typing slip is not a silent default.
 */
export async function readConfigFile(
  path: string,
  known: readonly string[],
): Promise<Record<string, unknown>> {
  const value = extname(path) === ".json" ? await readJson(path) : await importDefault(path);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(
      `csl: expected ${path} to hold an object of flags, got ${Array.isArray(value) ? "a list" : typeof value}.`,
    );
  }
  const flags: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    const name = camelCase(key);
    if (!known.includes(name)) {
      throw new Error(
        `csl: ${path} has the key "${key}", which is no flag of this command. ${nearest(name, known)}`,
      );
    }
    flags[name] = entry;
  }
  return flags;
}

/** The flags that the name may mean, or else all of them; spelt as on the command line. */
function nearest(name: string, known: readonly string[]): string {
  const close = nearMatches(name, known);
  const shown = (close.length > 0 ? close : known).map(kebabCase).join(", ");
  return close.length > 0 ? `Did you mean ${shown}?` : `Known: ${shown}.`;
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new Error(`csl: the configuration file ${path} cannot be read: ${cause.message}.`);
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`csl: ${path} is not valid JSON: ${(cause as Error).message}.`);
  }
}

async function importDefault(path: string): Promise<unknown> {
  const module = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown };
  return module.default;
}

/** `gamma-unann` and `gamma_unann` → `gammaUnann`. */
export function camelCase(key: string): string {
  return key.replace(/^-+/, "").replace(/[-_]+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}
