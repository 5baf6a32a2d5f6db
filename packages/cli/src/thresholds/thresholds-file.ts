import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { hashFile } from "@csl/internal/files/hash-file";
import { readText } from "@csl/internal/files/read-text";
import { parseJson } from "@csl/internal/json/parse-json";
import { nearMatches } from "@csl/internal/text/near-matches";
import { ClassList } from "@csl/labels";
import type { ThresholdCriterion } from "@csl/metrics";
import { writeJson } from "../files/write-json.js";

const format = "csl-thresholds/1";

/** The file that `csl infer` looks for in the folder of a checkpoint. */
export const thresholdsName = "thresholds.json";

/** A threshold as the model's output is compared with it (strictly greater), and as people read it. */
export interface Threshold {
  logit: number;
  /** sigmoid(logit). */
  probability: number;
}

/** Decision thresholds with what they were chosen for, on and with. */
export interface ThresholdsFile {
  format: typeof format;
  criterion: ThresholdCriterion;
  /** For classes that are not listed. */
  global: Threshold;
  /** Logits divided by it give calibrated probabilities. Thresholds apply before that division. */
  temperature: number;
  checkpoint: { file: string; sha256: string };
  data: { dataset: string; split: string; images: number; labels: string };
  /** What the thresholds give on images that they were not chosen on (cross-fitted), and on their own. Fractions. */
  estimate: Record<"crossFitted" | "globalCrossFitted" | "fitted", Record<string, number>>;
  /** By class id. */
  classes: Record<string, ClassThreshold>;
}

interface ClassThreshold extends Threshold {
  name: string;
  /** Which of the model's outputs it is, for checkpoints that do not name their classes. */
  output: number;
  source: string;
  positives: number;
  negatives: number;
}

export function threshold(logit: number): Threshold {
  return { logit, probability: 1 / (1 + Math.exp(-logit)) };
}

export async function writeThresholds(path: string, content: Omit<ThresholdsFile, "format">): Promise<void> {
  await writeJson(path, { format, ...content });
}

/**
 * Reads what `writeThresholds` wrote.
 *
 * @throws CslError naming the file, what is wrong with it and the way out.
 */
export async function readThresholds(path: string): Promise<ThresholdsFile> {
  const content = await readJson(path);
  return isOurs(content) ? checkThresholds(path, content) : refuse(path, expectedFormat(content));
}

/** Thresholds in the folder of a checkpoint. */
export interface FoundThresholds {
  path: string;
  file: ThresholdsFile;
  /** Whether they were chosen for this very checkpoint, and not for one that was here before. */
  own: boolean;
}

/**
 * thresholds.json in a checkpoint's folder; undefined when there is none, or one of another program.
 *
 * @throws CslError when it is not JSON, or one of ours and damaged.
 */
export async function findThresholds(modelPath: string): Promise<FoundThresholds | undefined> {
  const path = join(dirname(modelPath), thresholdsName);
  if (!(await stat(path).catch(() => undefined))) return undefined;
  const content = await readJson(path);
  if (!isOurs(content)) return undefined;
  const file = checkThresholds(path, content);
  return { path, file, own: await areChosenFor(file, modelPath) };
}

export async function areChosenFor({ checkpoint }: ThresholdsFile, modelPath: string): Promise<boolean> {
  return checkpoint?.sha256 === (await hashFile(modelPath));
}

/** The classes of a model's outputs as thresholds for this very model list them; undefined where some are missing. */
export function listedClasses({ classes }: ThresholdsFile, numClasses: number): ClassList | undefined {
  const entries = new Array<{ id: string; name: string } | undefined>(numClasses).fill(undefined);
  for (const [id, { name, output }] of Object.entries(classes))
    if (Number.isInteger(output) && output >= 0) entries[output] = { id, name };
  return entries.length === numClasses && entries.every((entry) => entry !== undefined)
    ? ClassList.from(entries)
    : undefined;
}

/**
 * The thresholds in the order of a model's classes, and how many of these took the global one.
 *
 * @throws CslError `mismatch` for a class that the model does not have, with the nearest ids.
 */
export function thresholdVector(
  path: string,
  { global, classes: own }: ThresholdsFile,
  classes: ClassList,
): { logits: Float32Array; missing: number } {
  const logits = new Float32Array(classes.size).fill(global.logit);
  const ids = Object.keys(own);
  const [unknown, ...more] = ids.filter((id) => !classes.has(id));
  if (unknown !== undefined) {
    const near = nearMatches(unknown, classes.ids);
    throw new CslError(
      "mismatch",
      `csl: ${path} has classes that the model does not have (${more.length + 1} of ${ids.length}), first "${unknown}"` +
        `${near.length > 0 ? ` (the nearest that it has: ${near.join(", ")})` : ""}. Is it for another model? ` +
        "Choose thresholds for this one with csl evaluate --thresholds, or use a single one with --th.",
    );
  }
  for (const id of ids) logits[classes.indexOf(id)] = own[id]!.logit;
  return { logits, missing: classes.size - ids.length };
}

type Content = { format?: unknown } | null;

async function readJson(path: string): Promise<Content> {
  const text = await readText(path).catch((cause: Error) =>
    refuse(path, `cannot be read (${cause.message}).`, cause),
  );
  try {
    return parseJson(text) as Content;
  } catch (cause) {
    return refuse(path, `expected JSON (${(cause as Error).message}).`, cause);
  }
}

/** Other programs may have files of that name; ours say so in their format, in later versions too. */
function isOurs(content: Content | undefined): content is { format: string } {
  return typeof content?.format === "string" && content.format.startsWith("csl-thresholds/");
}

function checkThresholds(path: string, content: { format: string }): ThresholdsFile {
  const file = content as Partial<ThresholdsFile>;
  if (file.format !== format) refuse(path, expectedFormat(file));
  const { global, classes, temperature } = file;
  if (!isObject(classes) || !isObject(global)) refuse(path, `expected "global" and "classes".`);
  if (!isNumber(temperature) || temperature <= 0)
    refuse(path, `expected a positive, finite "temperature", got ${shown(temperature)}.`);
  requireLogit(path, "global", global);
  if (!isNumber(global.probability) || global.probability < 0 || global.probability > 1)
    refuse(path, `expected a probability from 0 to 1 for global, got ${shown(global.probability)}.`);
  if (!isObject(file.criterion) || typeof file.criterion.name !== "string")
    refuse(path, `expected a "criterion" with its name, got ${shown(file.criterion)}.`);
  for (const [id, one] of Object.entries(classes)) {
    requireLogit(path, `class ${id}`, one);
  }
  return file as ThresholdsFile;
}

function requireLogit(path: string, where: string, threshold: unknown): void {
  const logit = isObject(threshold) ? threshold.logit : undefined;
  if (!isNumber(logit)) refuse(path, `expected a finite logit for ${where}, got ${shown(logit)}.`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number => Number.isFinite(value);

/** A value as it is; JSON has no infinite number, but 1e999 is read as one. */
function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "nothing");
}

function expectedFormat(content: Content): string {
  return `expected format ${format}, got ${JSON.stringify(content?.format)}.`;
}

function refuse(path: string, why: string, cause?: unknown): never {
  throw new CslError(
    "invalid-file",
    `csl: ${path}: ${why} Move it away and write one with csl evaluate --thresholds ${path}, or use csl infer --th.`,
    { cause },
  );
}
