import { checkOptions } from "@csl/internal/errors/check-options";
import type { EngineDriver, EngineName, Probe } from "./engine-driver.js";
import { cpuEngine } from "./engines/cpu.js";
import { tfjsNodeEngine } from "./engines/tfjs-node.js";
import { torchEngine } from "./engines/torch.js";
import { wasmEngine } from "./engines/wasm.js";
import { webgpuEngine } from "./engines/webgpu.js";
import { formatRemembered } from "./order/format-measurement.js";
import type { Measurement } from "./order/measurement.js";
import { bySpeed } from "./order/order-drivers.js";
import { probeSafely } from "./probe-safely.js";

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

/**
 * The reports as a table for a terminal: one line an engine, its hint below it. The one that is taken is marked.
 *
 * @param options.asked the engine asked for by name, as CSL_ENGINE does. Default: the first available one is taken.
 * @param options.measured what is remembered of them (`rememberedMeasurements`), newest first: a line each, and the newest decides
 * which engine is taken where the network is not known
 */
export function formatEngines(
  reports: readonly EngineReport[],
  options: { asked?: string | undefined; measured?: readonly Measurement[] | undefined } = {},
): string {
  checkOptions("formatEngines", options, { asked: true, measured: true });
  const { asked = "", measured = [] } = options;
  const isThere = ({ name, available, byName = false }: EngineReport): boolean =>
    available || (byName && name === asked);
  const width = Math.max(...reports.map(({ name }) => name.length));
  const probes = new Map(reports.map((report) => [report.name, report]));
  const inOrder = measured[0] ? bySpeed(reports, probes, measured[0]).order : reports;
  const taken = asked || inOrder.find(({ available }) => available)?.name;
  const lines = reports.flatMap((report) => {
    const { name, detail, hint } = report;
    const available = isThere(report);
    const mark = !available ? "·" : name === taken ? "→" : "✓";
    const line = `${mark} ${name.padEnd(width)}  ${detail}`;
    return hint && !available ? [line, `  ${" ".repeat(width)}  to get it: ${hint}`] : [line];
  });
  const order =
    measured.length > 0
      ? ["Measured here (csl engines --measure), which decides for networks of about that size:"].concat(
          measured.map((one) => `  ${formatRemembered(one)}`),
        )
      : [
          "Fastest first for large networks; for small ones tfjs-node comes after wasm. csl engines --measure finds out.",
        ];
  const choice =
    asked === ""
      ? "CSL_ENGINE=name takes another one."
      : reports.some((report) => report.name === asked && isThere(report))
        ? `CSL_ENGINE asks for ${asked}.`
        : `CSL_ENGINE asks for ${asked}, which is not on this machine: unset it, or get it.`;
  return [...lines, "", `→ taken   ✓ available   · not on this machine`, ...order, choice].join("\n");
}
