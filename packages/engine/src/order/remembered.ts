import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "@csl/internal/files/cache-folder";
import { lockFile } from "@csl/internal/files/file-lock";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { engineNames } from "../engine-driver.js";
import type { Measurement } from "./measurement.js";
import { thisMachine } from "./this-machine.js";

/** A measurement with what it holds for. */
interface Entry extends Measurement {
  machine: string;
}

/** More than one machine has sizes; the oldest are forgotten. */
const MOST = 200;

/** The file of all measurements. To forget them, delete it. */
function measurementsPath(speaker: string): string {
  return join(cacheFolder(speaker), "engines.json");
}

/** What was measured on this kind of machine with these versions, newest first. A file that cannot be read holds nothing. */
export async function rememberedMeasurements(
  machine: string = thisMachine(),
): Promise<readonly Measurement[]> {
  return (await readEntries())
    .filter((entry) => entry.machine === machine)
    .map(({ machine: _, ...measurement }) => measurement);
}

/**
 * Keeps a measurement, in place of an earlier one of the same network. Those of other machines stay.
 *
 * @throws CslError `cannot-write`, naming the file
 */
export async function rememberMeasurement(
  measurement: Measurement,
  { machine = thisMachine(), speaker = "measureEngines" }: { machine?: string; speaker?: string } = {},
): Promise<string> {
  const path = measurementsPath(speaker);
  const lock = await lockFile(`${path}.lock`, { speaker, onWait: () => {} });
  try {
    const { network, precision, threads } = measurement;
    const others = (await readEntries()).filter(
      (one) =>
        one.machine !== machine ||
        one.network !== network ||
        one.precision !== precision ||
        one.threads !== threads,
    );
    const measurements = [{ machine, ...measurement }, ...others].slice(0, MOST);
    const text = JSON.stringify({ format: "csl-engines/1", measurements }, null, 1);
    await writeFileAtomically(path, `${text}\n`, speaker);
  } finally {
    await lock.release();
  }
  return path;
}

async function readEntries(): Promise<Entry[]> {
  try {
    const { format, measurements } = JSON.parse(
      await readFile(measurementsPath("measureEngines"), "utf8"),
    ) as { format: unknown; measurements: unknown };
    return format === "csl-engines/1" && Array.isArray(measurements) ? measurements.filter(isEntry) : [];
  } catch {
    return []; // none yet, damaged, or no folder to keep it in: nothing is remembered
  }
}

function isEntry(value: unknown): value is Entry {
  const { machine, date, network, work, images, precision, threads, engines } = (value ?? {}) as Partial<
    Record<keyof Entry, unknown>
  >;
  return (
    [machine, date, network, precision].every((text) => typeof text === "string") &&
    [work, images, threads].every((number) => typeof number === "number" && number > 0) &&
    Array.isArray(engines) &&
    engines.every(isTime)
  );
}

function isTime(value: unknown): boolean {
  const { name, detail, milliseconds } = (value ?? {}) as Record<string, unknown>;
  return (
    (engineNames as readonly unknown[]).includes(name) &&
    typeof detail === "string" &&
    (milliseconds === undefined || (typeof milliseconds === "number" && milliseconds > 0))
  );
}
