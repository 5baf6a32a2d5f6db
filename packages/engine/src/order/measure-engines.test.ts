import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import * as tf from "@tensorflow/tfjs-core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { EngineDriver, EngineName } from "../engine-driver.js";
import { formatEngines, probeEngines } from "../list-engines.js";
import { startFirst } from "../start-engine.js";
import { formatMeasurement } from "./format-measurement.js";
import { measureDrivers, measureEngines } from "./measure-engines.js";
import { rememberedMeasurements, rememberMeasurement } from "./remembered.js";
import type { TimingTask } from "./time-engine.js";
import { timeStep } from "./time-step.js";

const { at } = temporaryFolder();
let folder = 0;
beforeEach(() => {
  vi.stubEnv("CSL_CACHE", at(`cache-${folder++}`));
  return () => vi.unstubAllEnvs();
});

const driver = (name: EngineName, overrides: Partial<EngineDriver> = {}): EngineDriver => ({
  name,
  probe: async () => ({ available: true, detail: `${name} 1` }),
  start: async () => {
    await tf.setBackend("cpu");
    return { device: "a device", version: "1" };
  },
  ...overrides,
});
const drivers = [
  driver("torch-cuda", { probe: async () => ({ available: false, detail: "not installed" }) }),
  driver("torch", { reduced: "bf16" }),
  driver("tfjs-node"),
  driver("wasm"),
  driver("cpu"),
];
const options = {
  ...{
    step: new URL("file:///step.js"),
    input: { side: 64 },
    network: "a small network",
    work: 1e9,
    images: 32,
  },
  threads: 2,
};
/** The clock of an engine whose every step takes as long. */
const clock =
  (milliseconds: Partial<Record<EngineName, number>>, asked: TimingTask[] = []) =>
  async (task: TimingTask) => {
    asked.push(task);
    const time = milliseconds[task.engine];
    if (time === undefined) throw new Error("its process was ended by SIGSEGV\nmore");
    return { milliseconds: time, device: "a device", version: "1", precision: "float32" };
  };

describe("measureEngines", () => {
  it("times every engine that is there but cpu; one that breaks does not end it", async () => {
    const asked: TimingTask[] = [];
    const lines: string[] = [];
    const measured = await measureDrivers(
      drivers,
      { ...options, log: (line) => lines.push(line) },
      clock({ wasm: 50, "tfjs-node": 80 }, asked),
    );
    expect(asked.map(({ engine }) => engine)).toEqual(["torch", "tfjs-node", "wasm"]);
    expect(asked[0]).toEqual({
      ...{ engine: "torch", step: "file:///step.js", input: { side: 64 }, precision: "float32" },
      ...{ threads: 2, seconds: 3 },
    });
    expect(lines).toEqual(["measuring torch", "measuring tfjs-node", "measuring wasm"]);
    expect(measured.engines.map(({ name }) => name)).toEqual(["wasm", "tfjs-node", "torch"]);
    const text = formatMeasurement({ ...measured, date: "2026-11-29T10:00:00.000Z" });
    expect(text.split("\n")).toEqual([
      "A training step of a small network, 2026-11-29:",
      "engine     images/s  to wasm  precision",
      "wasm            640   1.00 x  float32",
      "tfjs-node       400   0.63 x  float32",
      "torch        failed           its process was ended by SIGSEGV",
    ]);
  });

  it("asks those alone for bf16 that have it, and throws when none could take the step", async () => {
    const asked: TimingTask[] = [];
    const bf16 = { ...options, precision: "bf16" as const };
    await measureDrivers(drivers, bf16, clock({ torch: 10 }, asked));
    expect(asked.map(({ engine }) => engine)).toEqual(["torch"]);
    await expect(measureDrivers(drivers, options, clock({}))).rejects.toThrow(
      /expected an engine to take the step, but torch: its process was ended by SIGSEGV; tfjs-node/,
    );
    const abort = new AbortController();
    const stopping = async (): Promise<never> => {
      abort.abort(new Error("stopped"));
      throw abort.signal.reason;
    };
    const stopped = measureDrivers(drivers, { ...options, signal: abort.signal }, stopping);
    await expect(stopped).rejects.toThrow("stopped");
    await expect(measureEngines({ ...options, network: "a", image: 1 } as never)).rejects.toThrow(
      /unknown option/,
    );
    await expect(measureEngines({ ...options, work: 0 })).rejects.toThrow(/work/);
  });

  it("takes the median after a warm-up, and one step where a step takes long", async () => {
    let [at, steps] = [0, 0];
    const lasting = (milliseconds: number[]) => {
      [at, steps] = [0, 0];
      const step = async (): Promise<number> =>
        (at += milliseconds[Math.min(steps++, milliseconds.length - 1)]!);
      return timeStep(step, { seconds: 1, now: () => at });
    };
    expect(await lasting([900, 500, 100, 300, 400, 5000])).toBe(400);
    expect(steps).toBe(6);
    expect(await lasting([9000])).toBe(9000);
    expect(steps).toBe(1);
    expect(await lasting([2, 2, 1])).toBe(1);
    expect(steps).toBe(32);
  });
});

describe("what is remembered", () => {
  const measure = (times: Partial<Record<EngineName, number>>, more = {}) =>
    measureDrivers(drivers, { ...options, ...more }, clock(times));

  it("decides which engine starts, and the reason says so; a name has priority", async () => {
    await rememberMeasurement(await measure({ wasm: 50, torch: 90 }));
    const measured = await rememberedMeasurements();
    const start = (given = {}) => startFirst(drivers, { work: 1e9, threads: 2, ...given }, measured);
    const today = new Date().toISOString().slice(0, 10);
    expect(await start()).toMatchObject({
      name: "wasm",
      reason: `measured fastest here on ${today} (a small network)`,
    });
    expect(await start({ work: 1e12 })).toMatchObject({ name: "torch", reason: /fastest of this machine/ });
    expect(await start({ prefer: "tfjs-node" })).toMatchObject({ reason: "asked for by name" });
    vi.stubEnv("CSL_ENGINE", "cpu");
    expect(await start()).toMatchObject({ reason: "asked for by CSL_ENGINE" });
    const table = formatEngines(await probeEngines(drivers), { measured });
    expect(table).toMatch(/→ wasm/);
    expect(table).toContain(
      `${today}, a small network, float32: wasm 640, torch 356, tfjs-node failed images/s`,
    );
  });

  it("is one measurement for each network, precision and number of threads, of this kind of machine", async () => {
    await rememberMeasurement(await measure({ wasm: 50 }));
    await rememberMeasurement(await measure({ wasm: 40 }, { network: "another" }));
    await rememberMeasurement(await measure({ wasm: 30 }));
    await rememberMeasurement(await measure({ wasm: 20 }, { threads: 1 }));
    await rememberMeasurement(await measure({ wasm: 10 }), { machine: "another machine" });
    const times = (await rememberedMeasurements()).map(({ engines }) => engines[0]!.milliseconds);
    expect(times).toEqual([20, 30, 40]);
    expect(await rememberedMeasurements("another machine")).toHaveLength(1);
    const together = [1, 2, 3, 4].map(async (threads) =>
      rememberMeasurement(await measure({ wasm: 1 }, { threads })),
    );
    await Promise.all(together);
    expect(await rememberedMeasurements()).toHaveLength(5);
  });

  it("is nothing where the file is damaged, of another form, or not there; the next measurement mends it", async () => {
    expect(await rememberedMeasurements()).toEqual([]);
    const path = await rememberMeasurement(await measure({ wasm: 50 }));
    expect(path).toBe(join(process.env.CSL_CACHE!, "engines.json"));
    const text = await readFile(path, "utf8");
    for (const damaged of [
      "",
      text.slice(0, -20),
      "[]",
      "null",
      text.replace("csl-engines/1", "csl-engines/2"),
    ]) {
      await writeFile(path, damaged);
      expect(await rememberedMeasurements()).toEqual([]);
    }
    for (const [from, to] of [
      ["50", '"a"'],
      ['"wasm"', '"gpu"'],
      ["1000000000", "-1"],
    ] as const) {
      await writeFile(path, text.replace(from, to));
      expect(await rememberedMeasurements()).toEqual([]);
    }
    await rememberMeasurement(await measure({ wasm: 50 }));
    expect(await rememberedMeasurements()).toHaveLength(1);
  });
});
