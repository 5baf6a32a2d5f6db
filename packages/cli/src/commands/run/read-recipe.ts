import { extname } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { readText } from "@csl/internal/files/read-text";
import { parseJson } from "@csl/internal/json/parse-json";
import { nearMatches } from "@csl/internal/text/near-matches";
import type { GivenFlags } from "../../flags/config-file.js";
import { type FlagTable, flagName, rowsOf } from "../../flags/flag.js";
import { suggestFlags } from "../../flags/suggest-flags.js";
import { diagnoseFlags } from "../diagnose-command.js";
import { estimatePriorFlags } from "../estimate-prior-command.js";
import { evaluateFlags } from "../evaluate/evaluate-command.js";
import { simulateFlags } from "../simulate-command.js";
import { trainFlags } from "../train/train-flags.js";
import cocoFpc from "./presets/coco-fpc.json" with { type: "json" };
import cocoRps from "./presets/coco-rps.json" with { type: "json" };
import lvis from "./presets/lvis.json" with { type: "json" };
import openimages from "./presets/openimages.json" with { type: "json" };
import own from "./presets/own.json" with { type: "json" };

/** The parts of a run that a recipe can set apart, with the flags that each of them takes. */
export const sections = {
  simulate: simulateFlags,
  diagnose: diagnoseFlags,
  temporary: trainFlags,
  "estimate-prior": estimatePriorFlags,
  csl: trainFlags,
  negative: trainFlags,
  evaluate: evaluateFlags,
} satisfies Record<string, FlagTable>;

export type Section = keyof typeof sections;

/** Flags of a run by section; `shared` are for every part that knows them. */
export type Recipe = Readonly<Record<Section | "shared", GivenFlags>>;

/** Recipes of this package by name. */
export const presets: Readonly<Record<string, { about: string }>> = {
  own,
  openimages,
  lvis,
  "coco-rps": cocoRps,
  "coco-fpc": cocoFpc,
};

/**
 * The text of a recipe: a preset by name, or a file of one's own (its name ends in .json).
 *
 * @throws CslError `not-found` listing the presets; `cannot-read`.
 */
export async function recipeText(nameOrPath: string): Promise<string> {
  if (Object.hasOwn(presets, nameOrPath)) return JSON.stringify(presets[nameOrPath], null, 2);
  if (extname(nameOrPath) !== ".json") {
    const names = Object.keys(presets);
    const near = nearMatches(nameOrPath, names);
    throw new CslError(
      "not-found",
      `csl run: expected a preset (${names.join(", ")}) or a .json file of your own, got "${nameOrPath}". ` +
        (near.length > 0
          ? `Did you mean ${near.join(", ")}?`
          : `To make one: csl run --print-config own > ${nameOrPath}.json.`),
    );
  }
  return readText(nameOrPath).catch((cause: Error) => {
    throw new CslError(
      "cannot-read",
      `csl run: expected a recipe in ${nameOrPath}: ${cause.message}. csl run --print-config own > ${nameOrPath} makes one.`,
      { cause },
    );
  });
}

/** Reads a recipe; every key is checked against the flags of its section. @throws CslError naming the key. */
export function parseRecipe(text: string, path: string): Recipe {
  const fail = (problem: string): never => {
    throw new CslError("invalid-file", `csl run: ${path}: ${problem}`);
  };
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    fail(`expected JSON: ${(error as Error).message}.`);
  }
  if (!isObject(value))
    return fail(`expected an object of flags, got ${JSON.stringify(value).slice(0, 40)}.`);
  const recipe = Object.fromEntries(["shared", ...Object.keys(sections)].map((name) => [name, {}])) as Record<
    Section | "shared",
    Record<string, unknown>
  >;
  const every = Object.values(sections).flatMap(flagNames);
  for (const [key, entry] of Object.entries(value)) {
    if (key === "about") continue;
    const name = flagName(key);
    if (!Object.hasOwn(sections, name)) {
      recipe.shared[name] = checked(name, entry, Object.values(sections), every, fail);
      continue;
    }
    if (!isObject(entry)) return fail(`expected an object of flags under "${key}".`);
    const section = name as Section;
    for (const [inner, innerEntry] of Object.entries(entry)) {
      const flag = flagName(inner);
      recipe[section][flag] = checked(
        flag,
        innerEntry,
        [sections[section]],
        flagNames(sections[section]),
        fail,
        key,
      );
    }
  }
  return recipe;
}

/** The value of one key, read as the command reads it. */
function checked(
  name: string,
  value: unknown,
  tables: readonly FlagTable[],
  known: readonly string[],
  fail: (problem: string) => never,
  under?: string,
): unknown {
  const where = under ? `"${name}" under "${under}"` : `"${name}"`;
  const row = tables.flatMap(rowsOf).find(([flag]) => flag === name)?.[1];
  if (!row) return fail(`${where} is no flag. ${suggestFlags(name, [...new Set(known)], "")}`);
  const read = row.read(value);
  if (read === undefined) fail(`expected ${where} to be ${row.expected}, got ${JSON.stringify(value)}.`);
  return read;
}

const flagNames = (table: FlagTable): string[] => rowsOf(table).map(([name]) => name);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
