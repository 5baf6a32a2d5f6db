import { describe, expect, it } from "vitest";
import type { EngineDriver, EngineName } from "../engine-driver.js";
import { type EngineTime, type Measurement, nearestMeasurement, type Workload } from "./measurement.js";
import { orderDrivers } from "./order-drivers.js";

const driver = (name: EngineName, overrides: Partial<EngineDriver> = {}): EngineDriver => ({
  name,
  probe: async () => ({ available: true, detail: `${name} 1` }),
  start: async () => ({ device: "a device", version: "1" }),
  ...overrides,
});
const absent = { probe: async () => ({ available: false, detail: "not installed" }) };
const all = (overrides: Partial<Record<EngineName, Partial<EngineDriver>>> = {}): EngineDriver[] =>
  (["torch-cuda", "torch", "tfjs-node", "wasm", "cpu"] as const).map((name) =>
    driver(name, { ...(name === "tfjs-node" && { largeOnly: true }), ...overrides[name] }),
  );
const times = (given: Partial<Record<EngineName, number>>): EngineTime[] =>
  Object.entries(given).map(([name, milliseconds]) => ({
    ...{ name: name as EngineName, detail: `${name} 1` },
    ...(Number.isFinite(milliseconds) ? { milliseconds } : { failure: "its process was ended by SIGSEGV" }),
  }));
const measurement = (given: Partial<Record<EngineName, number>>, more: Partial<Measurement> = {}) => ({
  ...{ date: "2026-11-29T10:00:00.000Z", network: "a network", work: 1e9, images: 32 },
  ...{ precision: "float32" as const, threads: 2, engines: times(given) },
  ...more,
});
const workload: Workload = { work: 1e9, precision: "float32", threads: 2 };

describe("the order of engines", () => {
  const names = async (...args: Parameters<typeof orderDrivers>): Promise<EngineName[]> =>
    (await orderDrivers(...args)).drivers.map(({ name }) => name);

  it("not measured: the default; for a small network what is fast for large ones only comes behind wasm", async () => {
    const byDefault = ["torch-cuda", "torch", "tfjs-node", "wasm", "cpu"];
    const small = ["torch-cuda", "torch", "wasm", "tfjs-node", "cpu"];
    expect(await names(all(), { ...workload, work: undefined }, [])).toEqual(byDefault);
    expect(await names(all(), { ...workload, work: 360e9 }, [])).toEqual(byDefault);
    expect(await names(all(), { ...workload, work: 0.3e9 }, [])).toEqual(small);
  });

  it("measured engines share their places by speed, failed ones last, and the others keep theirs", async () => {
    const measured = measurement({ wasm: 10, "tfjs-node": 20, torch: Number.NaN });
    expect(await names(all(), workload, [measured])).toEqual([
      ...["torch-cuda", "wasm", "tfjs-node", "torch", "cpu"],
    ]);
  });

  it("an engine that is gone, or another one since, counts as not measured", async () => {
    const measured = measurement({ wasm: 10, "tfjs-node": 20, torch: 30 });
    expect(await names(all({ "tfjs-node": absent }), { ...workload, work: 5e9 }, [measured])).toEqual([
      ...["torch-cuda", "wasm", "tfjs-node", "torch", "cpu"],
    ]);
    const other = { probe: async () => ({ available: true, detail: "torch 2" }) };
    const order = await orderDrivers(all({ torch: other }), workload, [measured]);
    expect(order.drivers.map(({ name }) => name)).toEqual([
      ...["torch-cuda", "torch", "wasm", "tfjs-node", "cpu"],
    ]);
    expect([...order.measured!.names]).toEqual(["wasm", "tfjs-node"]);
  });
});

describe("the measurement that decides", () => {
  const [tiny, medium, large] = [0.3e9, 40e9, 360e9].map((work) =>
    measurement({ wasm: 1 }, { work, network: `${work}` }),
  ) as [Measurement, Measurement, Measurement];
  const newer = { ...large, date: "2026-11-30T10:00:00.000Z" };
  const cases: [string, Measurement[], Partial<Workload>, Measurement | undefined][] = [
    ["is the nearest by work", [tiny, medium, large], { work: 200e9 }, large],
    ["is the newest of equally near ones", [large, newer], { work: 200e9 }, newer],
    ["is none of another size", [tiny], { work: 360e9 }, undefined],
    ["is none of another precision", [large], { work: 360e9, precision: "bf16" }, undefined],
    ["is none of other threads", [large], { work: 360e9, threads: 1 }, undefined],
    ["is the newest where no work is known", [tiny, newer, medium], { work: undefined }, newer],
  ];
  it.each(cases)("%s", (_, measurements, given, expected) => {
    expect(nearestMeasurement(measurements, { ...workload, ...given })).toBe(expected);
  });
});
