import { existsSync } from "node:fs";
import { join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { readText } from "@csl/internal/files/read-text";
import { parseJson } from "@csl/internal/json/parse-json";
import { writeJson } from "../../files/write-json.js";
import { rowsOf } from "../../flags/flag.js";
import { isModelName } from "../../models/scenes-package.js";
import { fingerprint } from "./fingerprint.js";
import type { Step } from "./plan-steps.js";
import { sections } from "./read-recipe.js";

/** What run.json keeps of a step. */
export interface StepRecord {
  state: "started" | "finished";
  /** What decides the result, by flag; paths are under `inputs`. */
  settings: Record<string, unknown>;
  /** SHA-256 of what it read, by path; of weights by name, the name. */
  inputs: Record<string, string>;
  seconds?: number;
}

export interface RunRecord {
  format: "csl-run";
  recipe: string;
  steps: Record<string, StepRecord>;
}

/** Flags that change neither a result nor where it is; the files that others name are compared by content. */
const withoutEffect = [
  "engine",
  "threads",
  "dist-timeout",
  "dist-backend",
  "workers",
  "cache",
  "cuda-graphs",
  "image-timeout",
  "checkpoint-every",
  "overwrite",
  "tensorboard",
  "quiet",
  "config",
  "resume",
  "allow-changes",
  "images",
  "offline",
];

/** What decides the result of a step, as it is now. */
export async function describeStep(
  { section, flags, inputs }: Step,
  out: string,
): Promise<Pick<StepRecord, "settings" | "inputs">> {
  const rows = rowsOf(sections[section]);
  const settings: Record<string, unknown> = {};
  for (const [name, row] of rows) {
    if (flags[name] === undefined || withoutEffect.includes(name)) continue;
    if (row.more.reads || row.more.writes || ["data", "labels"].includes(name)) continue;
    settings[name] = row.read(flags[name]) ?? flags[name];
  }
  const read: Record<string, string> = {};
  for (const path of inputs)
    read[path] = isWeights(path) ? `weights ${path}` : await fingerprint(path, { without: out });
  return { settings, inputs: read };
}

/** Weights that are fetched by name: their file is not there before the step, so they are compared by name. */
function isWeights(path: string): boolean {
  return isModelName(path) && !existsSync(path);
}

/**
 * What is to be done about a step: nothing, the rest of it, or all of it, and why.
 *
 * `changes` are in words, one each: "lr 0.01 → 0.005", "prior.json has other content".
 */
export function compareStep(
  { outputs, checkpoint }: Step,
  before: StepRecord | undefined,
  now: Pick<StepRecord, "settings" | "inputs">,
): { todo: "skip" | "resume" | "start"; changes: string[] } {
  if (!before) return { todo: "start", changes: [] };
  const changes = [
    ...changed(before.settings, now.settings).map(
      (name) => `--${name} ${shown(before.settings[name])} → ${shown(now.settings[name])}`,
    ),
    ...changedInputs(before.inputs, now.inputs),
  ];
  if (changes.length > 0) return { todo: "start", changes };
  if (before.state === "finished") {
    const lost = outputs.filter((path) => !existsSync(path));
    return lost.length === 0
      ? { todo: "skip", changes: [] }
      : { todo: "start", changes: lost.map((path) => `${path} is gone`) };
  }
  return { todo: checkpoint && existsSync(checkpoint) ? "resume" : "start", changes: [] };
}

const changed = (before: object, now: object): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    (name) =>
      JSON.stringify((before as Record<string, unknown>)[name]) !==
      JSON.stringify((now as Record<string, unknown>)[name]),
  );

/** A file that was moved is the same file: compared are the contents, in the order of the flags. */
function changedInputs(before: Record<string, string>, now: Record<string, string>): string[] {
  const old = Object.values(before);
  const paths = Object.entries(now);
  if (old.length !== paths.length) return ["it reads other files"];
  return paths.flatMap(([path, hash], i) => (hash === old[i] ? [] : [`${path} has other content`]));
}

const shown = (value: unknown): string => (value === undefined ? "its default" : String(value));

const recordPath = (out: string): string => join(out, "run.json");

/** @throws CslError when run.json is not of this command. */
export async function readRunRecord(out: string): Promise<RunRecord | undefined> {
  const path = recordPath(out);
  if (!existsSync(path)) return undefined;
  let value: unknown;
  try {
    value = parseJson(await readText(path));
  } catch {
    value = undefined;
  }
  const record = value as Partial<RunRecord> | undefined;
  if (record?.format !== "csl-run" || typeof record.steps !== "object")
    throw new CslError(
      "already-exists",
      `csl run: expected ${path} to be of a run, got another file. Choose another --path-dest.`,
    );
  return record as RunRecord;
}

export async function writeRunRecord(out: string, record: RunRecord): Promise<void> {
  await writeJson(recordPath(out), record);
}
