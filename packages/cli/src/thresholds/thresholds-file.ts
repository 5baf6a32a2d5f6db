import { readFile } from "node:fs/promises";
import { ClassList } from "@csl/labels";
import type { ThresholdCriterion } from "@csl/metrics";
import { writeJson } from "../files/write-json.js";

const format = "csl-thresholds/1";

/** What is looked for beside a checkpoint. */
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
  /** Dividing logits by it makes probabilities that can be taken at their word. Thresholds are before that division. */
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

export function thresholdOf(logit: number): Threshold {
  return { logit, probability: 1 / (1 + Math.exp(-logit)) };
}

export async function writeThresholds(path: string, content: Omit<ThresholdsFile, "format">): Promise<void> {
  await writeJson(path, { format, ...content });
}

export async function readThresholds(path: string): Promise<ThresholdsFile>;
export async function readThresholds(
  path: string,
  options: { othersToo: true },
): Promise<ThresholdsFile | undefined>;
/**
 * @param options.othersToo undefined, instead of an error, for JSON that does not claim to be such a file
 * @throws naming the file, and what is wrong with it, unless it is what writeThresholds wrote.
 */
export async function readThresholds(
  path: string,
  { othersToo = false }: { othersToo?: boolean } = {},
): Promise<ThresholdsFile | undefined> {
  const wrong = (what: string): Error =>
    new Error(`csl: ${path}: ${what} Write one with csl evaluate --thresholds ${path}, or move it away.`);
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw wrong(`cannot be read (${cause.message}).`);
  });
  let file: Partial<ThresholdsFile>;
  try {
    file = JSON.parse(text) as Partial<ThresholdsFile>;
  } catch (cause) {
    throw wrong(`expected JSON (${(cause as Error).message}).`);
  }
  if (othersToo && !String(file?.format).startsWith("csl-")) return undefined;
  if (file?.format !== format) throw wrong(`expected format ${format}, got ${JSON.stringify(file?.format)}.`);
  const { global, classes, temperature } = file;
  if (!Number.isFinite(global?.logit) || typeof classes !== "object" || classes === null)
    throw wrong(`expected "global" with a logit and "classes".`);
  if (!(typeof temperature === "number" && temperature > 0))
    throw wrong(`expected a positive "temperature".`);
  for (const [id, threshold] of Object.entries(classes))
    if (!Number.isFinite(threshold?.logit))
      throw wrong(`expected a logit for class ${id}, got ${JSON.stringify(threshold?.logit)}.`);
  return file as ThresholdsFile;
}

/** The classes of a model's outputs as a file for this very model has them; undefined where it has not all. */
export function classesOfThresholds({ classes }: ThresholdsFile, numClasses: number): ClassList | undefined {
  const entries = new Array<{ id: string; name: string } | undefined>(numClasses).fill(undefined);
  for (const [id, { name, output }] of Object.entries(classes)) entries[output] = { id, name };
  return entries.length === numClasses && entries.every((entry) => entry !== undefined)
    ? ClassList.from(entries)
    : undefined;
}

/**
 * The thresholds in the order of a model's classes, and how many of these took the global one.
 *
 * @throws for a class that the model does not have, with the nearest ids.
 */
export function thresholdVector(
  path: string,
  { global, classes: own }: ThresholdsFile,
  classes: ClassList,
): { logits: Float32Array; missing: number } {
  const logits = new Float32Array(classes.size).fill(global.logit);
  const ids = Object.keys(own);
  for (const id of ids) {
    if (classes.has(id)) {
      logits[classes.indexOf(id)] = own[id]!.logit;
      continue;
    }
    const unknown = ids.filter((other) => !classes.has(other)).length;
    try {
      classes.indexOf(id);
    } catch (cause) {
      throw new Error(
        `csl: ${path} has classes that the model does not have (${unknown} of ${ids.length}): ${(cause as Error).message.replace(/^ClassList: /, "")} ` +
          "Is it for another model? Choose thresholds for this one with csl evaluate --thresholds, or take a single one with --th.",
        { cause },
      );
    }
  }
  return { logits, missing: classes.size - ids.length };
}
