import type { EngineDriver, Probe } from "./engine-driver.js";
import { engineDrivers } from "./engine-drivers.js";
import type { EngineName } from "./engine-name.js";
import { oneLine } from "./one-line.js";

/** One engine as this machine has it. */
export interface EngineReport extends Probe {
  name: EngineName;
}

/**
 * Looks for every engine, fastest first, without starting any. Nothing is downloaded and nothing throws:
 * an optional engine that is broken is reported with its reason in one line.
 */
export async function listEngines({
  drivers = engineDrivers,
}: {
  drivers?: readonly EngineDriver[];
} = {}): Promise<EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const driver of drivers) {
    const probe = await driver.probe().catch((thrown: unknown) => ({
      available: false,
      detail: `broken: ${oneLine(thrown)}`,
    }));
    reports.push({ name: driver.name, ...probe });
  }
  return reports;
}
