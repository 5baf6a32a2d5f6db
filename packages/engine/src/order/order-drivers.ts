import type { EngineDriver, EngineName, Probe } from "../engine-driver.js";
import { probeSafely } from "../probe-safely.js";
import { type Measurement, nearestMeasurement, type Workload } from "./measurement.js";

/** The order in which engines are tried. */
export interface EngineOrder {
  drivers: readonly EngineDriver[];
  /** What was looked up on the way. */
  probes: ReadonlyMap<EngineName, Probe>;
  /** Where the order is measured: the names that it holds for, and the measurement. */
  measured?: { names: ReadonlySet<EngineName>; by: Measurement };
}

/**
 * Multiply-adds of a step from which on TensorFlow's kernels make up for what each call of them costs. The quick start's
 * step (TResNet tiny, 64 px, 32 images: 0.3e9) is faster on wasm, 645 images/s against 483.
 */
const LARGE = 4e9;

/**
 * The order by the measurement that fits the workload; without one the default order, in which engines that are fast for large
 * networks only come behind wasm for small ones. Engines that were not measured, or have changed since, keep their places;
 * those that were share theirs by speed, failed ones last.
 */
export async function orderDrivers(
  drivers: readonly EngineDriver[],
  workload: Workload,
  measurements: readonly Measurement[],
): Promise<EngineOrder> {
  const probes = new Map<EngineName, Probe>();
  const byDefault = defaultOrder(drivers, workload.work);
  const by = nearestMeasurement(measurements, workload);
  if (!by) return { drivers: byDefault, probes };
  for (const { name } of by.engines) {
    const driver = drivers.find((one) => one.name === name);
    if (driver) probes.set(name, await probeSafely(driver));
  }
  const { order, names } = bySpeed(byDefault, probes, by);
  return { drivers: order, probes, measured: { names, by } };
}

/**
 * Sorts the measured engines of a list by speed, failed ones last, in the places that they have together. Those that are not there any
 * more, or are described otherwise than when they were measured, keep their own places, as those that never were.
 */
export function bySpeed<Named extends { name: EngineName }>(
  list: readonly Named[],
  probes: ReadonlyMap<EngineName, Probe>,
  { engines }: Measurement,
): { order: Named[]; names: ReadonlySet<EngineName> } {
  const fastestFirst = engines
    .filter(({ name, detail }) => probes.get(name)?.available && probes.get(name)?.detail === detail)
    .flatMap(({ name }) => list.filter((one) => one.name === name));
  const names = new Set(fastestFirst.map(({ name }) => name));
  let next = 0;
  return { order: list.map((one) => (names.has(one.name) ? fastestFirst[next++]! : one)), names };
}

function defaultOrder(drivers: readonly EngineDriver[], work: number | undefined): readonly EngineDriver[] {
  if (work === undefined || work >= LARGE) return drivers;
  const rest = drivers.filter(({ largeOnly }) => !largeOnly);
  const wasm = rest.findIndex(({ name }) => name === "wasm");
  return [
    ...rest.slice(0, wasm + 1),
    ...drivers.filter(({ largeOnly }) => largeOnly),
    ...rest.slice(wasm + 1),
  ];
}
