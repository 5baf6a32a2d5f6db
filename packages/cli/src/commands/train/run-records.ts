import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { ClassList } from "@csl/labels";
import { perClassCsv } from "@csl/metrics";
import type { Evaluation, TrainEvent, ValidationEvent } from "@csl/trainer";
import { writeWhole } from "../../files/write-json.js";

/** An event as the log keeps it: validations in short; per-class.csv has the classes of the best one. */
export function compactEvent(event: TrainEvent): unknown {
  if (event.type !== "validation") return event;
  const { raw, ema, ...rest } = event;
  return { ...rest, raw: compactEvaluation(raw), ...(ema && { ema: compactEvaluation(ema) }) };
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
  raw: unknown;
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
    const { epoch, raw, ema } = parseLine(line) ?? {};
    if (epoch !== undefined) byEpoch.set(epoch, { epoch, raw, ...(ema !== undefined && { ema }) });
  }
  return [...byEpoch.values()].sort((a, b) => a.epoch - b.epoch);
}

function parseLine(line: string): Partial<LoggedValidation> | undefined {
  try {
    return JSON.parse(line) as Partial<LoggedValidation>;
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
