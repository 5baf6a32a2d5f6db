import { availableParallelism } from "node:os";
import { checkOptions } from "@csl/internal/errors/check-options";
import { checkRange } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import { canStore, type EngineDriver, type Precision } from "../engine-driver.js";
import { engineDrivers } from "../list-engines.js";
import { oneLine, probeSafely } from "../probe-safely.js";
import { byTime, type EngineTime, type Measurement } from "./measurement.js";
import { rememberMeasurement } from "./remembered.js";
import { timeEngine } from "./time-engine.js";

export interface MeasureEnginesOptions {
  /** A module whose default export makes the step, once the engine runs (`CreateTrainingStep`). */
  step: URL;
  /** What it is given; anything that JSON can hold. */
  input?: unknown;
  /** What is trained, for people, with its size: a measurement takes the place of an earlier one of the same name. */
  network: string;
  /** Multiply-adds of a forward pass over the images of a step: by it `startEngine({ work })` finds the measurement. */
  work: number;
  /** Images of a step. */
  images: number;
  /** As for `startEngine`. */
  precision?: Precision;
  threads?: number;
  /** How long steps are repeated on each engine, besides the warm-up. Default 3. */
  seconds?: number;
  /** Called with a line for each engine that is begun. */
  log?: (line: string) => void;
  /** Ends the measurement with its reason; nothing is remembered then. */
  signal?: AbortSignal;
}

/**
 * Times a training step on every engine of this machine, each in a process of its own, and remembers the order, which `startEngine`
 * takes from then on. cpu, the slow reference, is left out. An engine that fails is in the result with the reason.
 *
 * @returns the measurement, and the file that keeps it: delete it to forget
 * @throws CslError `failed` when no engine could take the step; `cannot-write`
 */
export async function measureEngines(
  options: MeasureEnginesOptions,
): Promise<Measurement & { path: string }> {
  checkOptions("measureEngines", options, {
    ...{ step: true, input: true, network: true, work: true, images: true, precision: true, threads: true },
    ...{ seconds: true, log: true, signal: true },
  });
  const measurement = await measureDrivers(engineDrivers, options);
  return { ...measurement, path: await rememberMeasurement(measurement) };
}

/** The same for given engines, by another clock, and without remembering it. */
export async function measureDrivers(
  drivers: readonly EngineDriver[],
  options: MeasureEnginesOptions,
  time: typeof timeEngine = timeEngine,
): Promise<Measurement> {
  const { step, input, network, work, images, precision = "float32", log, signal } = options;
  const { threads = availableParallelism(), seconds = 3 } = options;
  for (const [name, value] of Object.entries({ work, images, threads, seconds }))
    checkRange("measureEngines", name, value, { above: 0 });
  const engines: EngineTime[] = [];
  for (const driver of drivers) {
    const { name } = driver;
    if (name === "cpu" || !canStore(driver, precision)) continue;
    if (!(await probeSafely(driver)).available) continue;
    log?.(`measuring ${name}`);
    let measured: Partial<EngineTime>;
    try {
      const task = { engine: name, step: step.href, input, precision, threads, seconds };
      const timed = await time(task, { signal });
      measured = { ...timed, imagesPerSecond: (1000 * images) / timed.milliseconds };
    } catch (thrown) {
      signal?.throwIfAborted();
      measured = { failure: oneLine(thrown) };
    }
    // As it is now: what is compiled at the first use is there.
    const { detail } = await probeSafely(driver);
    engines.push({ name, detail, ...measured });
  }
  engines.sort(byTime);
  if (engines[0]?.milliseconds === undefined) {
    const reasons = engines.map(({ name, failure }) => `${name}: ${failure}`).join("; ");
    throw new CslError(
      "failed",
      `measureEngines: expected an engine to take the step, but ${reasons || `none here computes in ${precision}`}.`,
    );
  }
  return { date: new Date().toISOString(), network, work, images, precision, threads, engines };
}
