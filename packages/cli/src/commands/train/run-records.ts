import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { ClassList } from "@csl/labels";
import { perClassCsv } from "@csl/metrics";
import type { Evaluation, TrainEvent, ValidationEvent } from "@csl/trainer";
import { writeWhole } from "../../files/write-json.js";

/**
 * The loss for people. What is minimised is a sum over a batch and all classes, which depends on both: divided by the
 * images it can be compared between batch sizes, and divided by the classes as well between data sets.
 */
export interface ShownLoss {
  /** Per image. */
  lossPerImage: number;
  /** Per image and class; classes that are ignored in an image count as 0. */
  lossPerClass: number;
}

export function shownLoss(
  event: Extract<TrainEvent, { type: "step" | "epoch" }>,
  { numClasses }: { numClasses: number },
): ShownLoss {
  const steps = event.type === "epoch" ? event.steps : 1;
  const lossPerImage = (event.loss * steps) / event.images;
  return { lossPerImage, lossPerClass: lossPerImage / numClasses };
}

/**
 * An event as the log keeps it: losses per image and per class besides the sum, validations in short (per-class.csv has
 * the classes of the best one).
 *
 * @param run.elapsed seconds that the run has taken until now, before a resume included.
 */
export function logEntry(event: TrainEvent, run: { numClasses: number; elapsed: number }): unknown {
  const { elapsed } = run;
  if (event.type === "step" || event.type === "epoch") return { ...event, ...shownLoss(event, run), elapsed };
  if (event.type === "end") {
    const { prior: _, ...end } = event; // prior.json has it
    return { ...end, elapsed };
  }
  if (event.type !== "validation") return { ...event, elapsed };
  const { raw, ema, ...rest } = event;
  return { ...rest, raw: compactEvaluation(raw), ...(ema && { ema: compactEvaluation(ema) }), elapsed };
}

/** An evaluation without its numbers per class: with ten thousand classes they would be megabytes a line. */
function compactEvaluation({
  perClass: _,
  skippedClasses: __,
  ...summary
}: Evaluation): Omit<Evaluation, "perClass" | "skippedClasses"> {
  return summary;
}

/** A validation as `result.json` lists it. */
export interface LoggedValidation {
  epoch: number;
  raw: { chance?: Evaluation["chance"] };
  ema?: unknown;
}

/**
 * The validations in a log, by epoch, those before a resume included. Where a run trained an epoch twice (it was killed
 * in between), the later one counts. Lines that are cut off are skipped.
 */
export async function loggedValidations(path: string): Promise<LoggedValidation[]> {
  const byEpoch = new Map<number, LoggedValidation>();
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (!line.startsWith('{"type":"validation"')) continue;
    const { epoch, raw, ema } = parseLine<LoggedValidation>(line) ?? {};
    if (epoch !== undefined && raw) byEpoch.set(epoch, { epoch, raw, ...(ema !== undefined && { ema }) });
  }
  return [...byEpoch.values()].sort((a, b) => a.epoch - b.epoch);
}

/** Seconds that a run had taken at the end of its log; 0 without a log. What a killed process did until then counts. */
export async function loggedSeconds(path: string): Promise<number> {
  let seconds = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      const { elapsed } = parseLine<{ elapsed: number }>(line) ?? {};
      if (typeof elapsed === "number") seconds = elapsed;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return seconds;
}

function parseLine<T>(line: string): Partial<T> | undefined {
  try {
    return JSON.parse(line) as Partial<T>;
  } catch {
    return undefined;
  }
}

/** The classes of a validation whose weights are the best so far, one line each. */
export async function writePerClass(
  path: string,
  { best, raw, ema }: ValidationEvent,
  { classes, frequency }: { classes: ClassList; frequency: readonly string[] | undefined },
): Promise<void> {
  const { perClass } = best?.weights === "ema" && ema ? ema : raw;
  const { ids, names } = classes;
  const csv = perClassCsv(perClass, (index) => ({
    id: ids[index]!,
    name: names[index]!,
    group: frequency?.[index],
  }));
  await writeWhole(path, csv);
}
