import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startFirst } from "../start-engine.js";
import { cpuEngine } from "./cpu.js";
import { tfjsNodeEngine } from "./tfjs-node.js";

const core = createRequire(import.meta.url).resolve("@tensorflow/tfjs-core");
/** What the package does when it is loaded, on a TensorFlow that finds no GPU. */
const withoutGpu = `
  const tf = require(${JSON.stringify(core)});
  const backend = { isUsingGpuDevice: false, binding: { TF_Version: "2.21.0" }, dispose() {} };
  tf.registerBackend("tensorflow", () => backend, 3);`;

describe("tfjs-node-gpu", () => {
  const gpu = tfjsNodeEngine("tfjs-node-gpu");
  let folder: string;
  const put = async (path: string, text: string): Promise<void> => {
    const whole = join(folder, "node_modules/@tensorflow/tfjs-node-gpu", path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, text);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "csl-engine-"));
    vi.stubEnv("CSL_ENGINE_MODULES", folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it("says which step is missing: the package, its binding, the driver", async () => {
    expect((await gpu.probe()).hint).toMatch(/tfjs-node-gpu.*, then `csl engines build-tensorflow --gpu`/);
    await put("package.json", '{ "version": "4.22.0" }');
    expect(await gpu.probe()).toMatchObject({
      detail: "@tensorflow/tfjs-node-gpu 4.22.0 is installed without its native binding",
      hint: expect.stringMatching(/^`csl engines build-tensorflow --gpu`.*tensorflow\[and-cuda\]/),
    });
    await put("lib/napi-v8/tfjs_binding.node", "");
    const { available, detail } = await gpu.probe();
    if (!available) expect(detail).toMatch(/4\.22\.0 is installed, but there is no NVIDIA driver$/);
  });

  it("computes on no CPU under a GPU's name: where TensorFlow finds none, the next engine is taken", async () => {
    await put("package.json", '{ "version": "4.22.0", "main": "index.js" }');
    await put("index.js", withoutGpu);
    const here = { ...gpu, probe: async () => ({ available: true, detail: "here" }) };
    const lines: string[] = [];
    const engine = await startFirst([here, cpuEngine], { log: (line) => lines.push(line) });
    expect(engine).toMatchObject({ name: "cpu", backend: "cpu" });
    expect(lines[0]).toBe(
      "engine tfjs-node-gpu does not start: TensorFlow 2.21.0 found no GPU that it can use (TF_CPP_MIN_LOG_LEVEL=0 shows why)",
    );
    await expect(startFirst([here, cpuEngine], { prefer: "tfjs-node-gpu" })).rejects.toThrow(
      /does not start/,
    );
  });
});
