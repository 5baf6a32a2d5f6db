import type { EngineName, Precision } from "../engine-driver.js";

/** How fast one engine took the step. */
export interface EngineTime {
  name: EngineName;
  /** As `listEngines` describes it: when that has changed, so has the engine. */
  detail: string;
  /** Of the middle step of some, after a warm-up; absent when the engine failed. */
  milliseconds?: number;
  imagesPerSecond?: number;
  device?: string;
  version?: string;
  /** How it stored activations. */
  precision?: string;
  /** Why there is no time, in one line. */
  failure?: string;
}

/** The engines of a machine, timed with one training step. */
export interface Measurement {
  /** ISO 8601. */
  date: string;
  /** What was trained, for people: "tresnet_m, 224 px, 64 images a step". */
  network: string;
  /** Multiply-adds of a forward pass over the images of a step. */
  work: number;
  /** Images of a step. */
  images: number;
  /** As it was asked for. */
  precision: Precision;
  threads: number;
  /** Fastest first, failures last. */
  engines: EngineTime[];
}

/** What a caller is going to compute. */
export interface Workload {
  /** Multiply-adds of a forward pass over a step's images; undefined: not known. */
  work?: number | undefined;
  precision: Precision;
  threads: number;
}

/** A measurement says something about steps of up to so many times its work, or so many times less. */
const REACH = 32;

/**
 * The measurement that says most about a workload: of the same precision and threads, with the nearest work per step, the
 * newest of those that are as near. What a step costs besides its arithmetic makes engines differ at small sizes, so one
 * whose work is more than {@link REACH} times another says nothing. Without known work: the newest.
 */
export function nearestMeasurement(
  measurements: readonly Measurement[],
  { work, precision, threads }: Workload,
): Measurement | undefined {
  const distance = (measured: Measurement): number =>
    work === undefined ? 0 : Math.abs(Math.log(measured.work / work));
  return measurements
    .filter((m) => m.precision === precision && m.threads === threads && distance(m) <= Math.log(REACH))
    .sort((a, b) => distance(a) - distance(b) || b.date.localeCompare(a.date))[0];
}

/** Fastest first, failures last. */
export function byTime(a: EngineTime, b: EngineTime): number {
  return (a.milliseconds ?? Number.POSITIVE_INFINITY) - (b.milliseconds ?? Number.POSITIVE_INFINITY) || 0;
}
