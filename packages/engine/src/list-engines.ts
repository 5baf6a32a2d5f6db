import { checkOptions } from "@csl/internal/errors/check-options";
import type { EngineDriver, EngineName, Probe } from "./engine-driver.js";
import { cpuEngine } from "./engines/cpu.js";
import { tfjsNodeEngine } from "./engines/tfjs-node.js";
import { torchEngine } from "./engines/torch.js";
import { wasmEngine } from "./engines/wasm.js";
import { webgpuEngine } from "./engines/webgpu.js";

/** Every engine, fastest first. */
export const engineDrivers: readonly EngineDriver[] = [
  torchEngine("torch-cuda"),
  tfjsNodeEngine("tfjs-node-gpu"),
  torchEngine("torch"),
  webgpuEngine,
  tfjsNodeEngine("tfjs-node"),
  wasmEngine,
  cpuEngine,
];

/** One engine as this machine has it. */
export interface EngineReport extends Probe {
  name: EngineName;
}

/**
 * Looks for every engine, fastest first, without starting any. Nothing is downloaded and nothing throws:
 * an optional engine that is broken is reported with its reason in one line.
 */
export function listEngines(): Promise<EngineReport[]> {
  return probeEngines(engineDrivers);
}

export async function probeEngines(drivers: readonly EngineDriver[]): Promise<EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const driver of drivers) reports.push({ name: driver.name, ...(await probeSafely(driver)) });
  return reports;
}

/** What is known about an engine; one that cannot even be looked at is broken, which is no error. */
export async function probeSafely(driver: EngineDriver): Promise<Probe> {
  try {
    return await driver.probe();
  } catch (thrown) {
    return { available: false, detail: `broken: ${oneLine(thrown)}` };
  }
}

/** For a list: the first line of an error's message, at most 160 characters. */
export function oneLine(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const lines = message.split("\n").map((line) => line.trim());
  const first = lines.find((line) => line !== "") ?? "unknown error";
  return first.length > 160 ? `${first.slice(0, 159)}…` : first;
}

/**
 * The reports as a table for a terminal: one line an engine, its hint below it. The one that is taken is marked.
 *
 * @param options.asked the engine asked for by name, as CSL_ENGINE does. Default: the first available one is taken.
 */
export function formatEngines(
  reports: readonly EngineReport[],
  options: { asked?: string | undefined } = {},
): string {
  checkOptions("formatEngines", options, { asked: true });
  const { asked = "" } = options;
  const isThere = ({ name, available, byName = false }: EngineReport): boolean =>
    available || (byName && name === asked);
  const width = Math.max(...reports.map(({ name }) => name.length));
  const taken = asked || reports.find(({ available }) => available)?.name;
  const lines = reports.flatMap((report) => {
    const { name, detail, hint } = report;
    const available = isThere(report);
    const mark = !available ? "·" : name === taken ? "→" : "✓";
    const line = `${mark} ${name.padEnd(width)}  ${detail}`;
    return hint && !available ? [line, `  ${" ".repeat(width)}  to get it: ${hint}`] : [line];
  });
  const order = "Fastest first for large networks; for small ones tfjs-node comes after wasm.";
  const choice =
    asked === ""
      ? "CSL_ENGINE=name takes another one."
      : reports.some((report) => report.name === asked && isThere(report))
        ? `CSL_ENGINE asks for ${asked}.`
        : `CSL_ENGINE asks for ${asked}, which is not on this machine: unset it, or get it.`;
  return [...lines, "", `→ taken   ✓ available   · not on this machine`, order, choice].join("\n");
}
