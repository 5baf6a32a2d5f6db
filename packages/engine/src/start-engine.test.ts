import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { CaptureStep, EngineDriver } from "./engine-driver.js";
import { formatEngines, listEngines, probeEngines } from "./list-engines.js";
import { startEngine, startFirst } from "./start-engine.js";

const driver = (name: EngineDriver["name"], overrides: Partial<EngineDriver> = {}): EngineDriver => ({
  name,
  probe: async () => ({ available: true, detail: `${name} is here` }),
  start: async () => {
    await tf.setBackend("cpu");
    return { device: "a device", version: "1" };
  },
  ...overrides,
});
const absent = { probe: async () => ({ available: false, detail: "not installed", hint: "install it" }) };
const broken = {
  start: async () => {
    throw new Error("libcuda.so: cannot open shared object file\n  at dlopen");
  },
};
const crashing = {
  probe: async () => {
    throw new Error("bad binary");
  },
};

describe("startEngine", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("takes the first that starts, says why, and how to get the next faster one", async () => {
    const lines: string[] = [];
    const drivers = [
      driver("torch-cuda", broken),
      driver("torch", crashing),
      driver("tfjs-node", absent),
      driver("cpu"),
    ];
    const engine = await startFirst(drivers, { log: (line) => lines.push(line) });
    expect(engine).toMatchObject({ name: "cpu", backend: "cpu", device: "a device", version: "1" });
    expect(engine.reason).toBe(
      "the fastest of this machine (without torch, tfjs-node; " +
        "torch-cuda does not start: libcuda.so: cannot open shared object file)",
    );
    expect(engine.faster).toBe("tfjs-node: install it");
    expect(lines.join("\n")).not.toContain("dlopen");
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^engine cpu .*\nfor more speed: tfjs-node: install it$/);
    const quieter: string[] = [];
    await startFirst(drivers, { log: (line) => quieter.push(line), advice: false });
    expect(quieter[1]).not.toContain("for more speed");
  });

  it("takes the preferred one, and knows that a faster one is there", async () => {
    const drivers = [driver("wasm"), driver("cpu")];
    expect(await startFirst(drivers, { prefer: "cpu" })).toMatchObject({
      name: "cpu",
      reason: "asked for by name",
      faster: "wasm is on this machine and faster",
    });
    vi.stubEnv("CSL_ENGINE", "cpu");
    expect(await startFirst(drivers)).toMatchObject({ name: "cpu", reason: "asked for by CSL_ENGINE" });
    expect(await startFirst(drivers, { prefer: "wasm" })).toMatchObject({ name: "wasm" });
  });

  it("an engine for large networks does not hide the way to one that is faster for all", async () => {
    const large = { largeOnly: true };
    const drivers = [driver("torch", absent), driver("tfjs-node", { ...absent, ...large }), driver("wasm")];
    expect((await startFirst(drivers)).faster).toBe(
      "torch: install it; or, for large networks, tfjs-node: install it",
    );
    const there = [driver("tfjs-node", large), driver("wasm")];
    expect((await startFirst(there, { prefer: "wasm" })).faster).toBe(
      "for large networks, tfjs-node is on this machine and faster",
    );
  });

  it("passes on that an engine replays steps, and offers nothing where none does", async () => {
    const captureStep: CaptureStep = () => ({ run: () => [], dispose: () => {} });
    const start = async () => ({
      ...(await driver("torch").start({ threads: 1, precision: "float32" })),
      captureStep,
    });
    const drivers = [driver("torch-cuda", { start }), driver("cpu")];
    expect((await startFirst(drivers)).captureStep).toBe(captureStep);
    expect(await startFirst(drivers, { prefer: "cpu" })).not.toHaveProperty("captureStep");
  });

  it("never replaces the preferred one silently", async () => {
    const drivers = [driver("torch", absent), driver("tfjs-node", broken), driver("cpu")];
    await expect(startFirst(drivers, { prefer: "torch" })).rejects.toThrow(
      'startEngine: expected engine "torch" to start, but not installed. To get it: install it.',
    );
    await expect(startFirst(drivers, { prefer: "tfjs-node" })).rejects.toThrow(/does not start: libcuda\.so/);
  });

  it("lists the names when one is unknown", async () => {
    const message =
      /expected one of torch-cuda, tfjs-node-gpu, torch, webgpu, tfjs-node, wasm, cpu, got "gpu"/;
    await expect(startEngine({ prefer: "gpu" as never })).rejects.toThrow(message);
    vi.stubEnv("CSL_ENGINE", "gpu");
    await expect(startEngine()).rejects.toThrow(message);
    await expect(startEngine({ prefer: "cpu", threads: 0 })).rejects.toThrow(
      "startEngine: expected threads to be a positive integer, got 0.",
    );
  });

  it("refuses an option that it does not know", async () => {
    await expect(startEngine({ thread: 2 } as never)).rejects.toMatchObject({ code: "unknown-option" });
    expect(() => formatEngines([], { ask: "cpu" } as never)).toThrow(/unknown option "ask"/);
  });

  it("says when nothing starts", async () => {
    await expect(startFirst([driver("torch", absent), driver("cpu", broken)])).rejects.toThrow(
      "startEngine: expected an engine to start, but torch is absent; cpu does not start: libcuda.so",
    );
  });

  it("starts cpu without the backend's advertisement", async () => {
    const warn = vi.spyOn(console, "warn");
    await startEngine({ prefer: "cpu" });
    tf.dispose(tf.relu(tf.tensor1d([-1, 1])));
    expect(warn).not.toHaveBeenCalled();
  });

  // A helper thread that keeps the process alive, or an error hidden by Emscripten's handlers, would show here.
  it("lets a process on wasm end by itself, and die of its own errors", async () => {
    const tsx = import.meta.resolve("tsx");
    const script = (last: string): string[] => [
      "--conditions=@csl/source",
      `--import=${tsx}`,
      "--input-type=module",
      "--eval",
      `import { startEngine } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
       const engine = await startEngine({ prefer: "wasm", threads: 3 }); console.log(engine.backend); ${last}`,
    ];
    const run = promisify(execFile);
    const options = { timeout: 30_000 };
    expect((await run(process.execPath, script(""), options)).stdout.trim()).toBe("wasm");
    const failed = await run(process.execPath, script('throw new Error("mine")'), options).catch(
      (error) => error,
    );
    expect(failed.stderr).toContain("Error: mine");
    expect(failed.stderr.length).toBeLessThan(2000);
  });
});

describe("listEngines", () => {
  it("reports every engine of this machine, wasm and cpu among the available", async () => {
    const reports = await listEngines();
    expect(reports.map(({ name }) => name)).toEqual([
      "torch-cuda",
      "tfjs-node-gpu",
      "torch",
      "webgpu",
      "tfjs-node",
      "wasm",
      "cpu",
    ]);
    expect(
      reports.filter(({ name }) => name === "wasm" || name === "cpu").every(({ available }) => available),
    ).toBe(true);
    for (const { available, detail, hint } of reports) {
      expect(detail).not.toContain("\n");
      if (!available) expect(hint).toBeTruthy();
    }
  });

  it("reports a broken engine instead of failing, and prints one line an engine", async () => {
    const reports = await probeEngines([
      driver("torch", crashing),
      driver("tfjs-node", absent),
      driver("wasm"),
      driver("cpu"),
    ]);
    expect(formatEngines(reports).split("\n")).toEqual([
      "· torch      broken: bad binary",
      "· tfjs-node  not installed",
      "             to get it: install it",
      "→ wasm       wasm is here",
      "✓ cpu        cpu is here",
      "",
      "→ taken   ✓ available   · not on this machine",
      "Fastest first for large networks; for small ones tfjs-node comes after wasm. csl engines --measure finds out.",
      "CSL_ENGINE=name takes another one.",
    ]);
    const asked = formatEngines(reports, { asked: "cpu" });
    expect(asked).toMatch(/✓ wasm[\s\S]*→ cpu[\s\S]*CSL_ENGINE asks for cpu\.$/);
    expect(formatEngines(reports, { asked: "torch" })).toMatch(
      /· torch[\s\S]*CSL_ENGINE asks for torch, which is not on this machine: unset it, or get it\.$/,
    );
  });
});
