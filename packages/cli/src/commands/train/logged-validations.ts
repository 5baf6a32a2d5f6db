import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** A validation as `result.json` lists it. */
export interface LoggedValidation {
  epoch: number;
  raw: unknown;
  ema?: unknown;
}

/**
 * The validations that a log tells of, by epoch, those before a resume included. Where a run took an epoch twice (it
 * was killed in between), the later one counts. Torn lines are passed over.
 */
export async function loggedValidations(path: string): Promise<LoggedValidation[]> {
  const byEpoch = new Map<number, LoggedValidation>();
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (!line.startsWith('{"type":"validation"')) continue;
    const { epoch, raw, ema } = parsed(line) ?? {};
    if (epoch !== undefined) byEpoch.set(epoch, { epoch, raw, ...(ema !== undefined && { ema }) });
  }
  return [...byEpoch.values()].sort((a, b) => a.epoch - b.epoch);
}

function parsed(line: string): Partial<LoggedValidation> | undefined {
  try {
    return JSON.parse(line) as Partial<LoggedValidation>;
  } catch {
    return undefined;
  }
}
