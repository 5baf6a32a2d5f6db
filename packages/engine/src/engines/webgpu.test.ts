import { mkdir, writeFile } from "node:fs/promises";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { afterEach, describe, expect, it, vi } from "vitest";
import { formatEngines, probeEngines } from "../list-engines.js";
import { startFirst } from "../start-engine.js";
import { cpuEngine } from "./cpu.js";
import { webgpuEngine } from "./webgpu.js";

const { at } = temporaryFolder();

// A workspace may show the real package to everybody in it.
vi.mock("./find-optional-package.js", async (original) => {
  const { findOptionalPackage } = await original<typeof import("./find-optional-package.js")>();
  const isGiven = (found: { folder: string }): boolean =>
    found.folder.startsWith(process.env.CSL_ENGINE_MODULES!);
  return {
    findOptionalPackage: (name: string) => {
      const found = findOptionalPackage(name);
      return found && isGiven(found) ? found : undefined;
    },
  };
});

const gpu = `{ info: { vendor: "nvidia", architecture: "hopper", device: "", description: "NVIDIA H200" }, requestDevice: async () => ({}) }`;
const software = `{ info: { vendor: "mesa", architecture: "", device: "", description: "llvmpipe (LLVM 15.0.6, 256 bits)" }, requestDevice: async () => ({}) }`;
const adapterOf = (adapter: string, before = ""): string =>
  `export const globals = {}; export const create = () => ({ requestAdapter: async () => { ${before}; return ${adapter}; } });`;

/** What the packages are, as sources; what `csl engines` says about it. */
const machines: [what: string, dawn: string | undefined, detail: RegExp, mark: string][] = [
  ["a GPU", adapterOf(gpu), /^NVIDIA H200, webgpu 0\.6\.2$/, "→"],
  [
    "a software adapter",
    adapterOf(software),
    /^only a software adapter, llvmpipe .*, which is slower than wasm$/,
    "·",
  ],
  ["no adapter", adapterOf("null"), /^no GPU that WebGPU can use$/, "·"],
  [
    "no driver, in Dawn's words",
    adapterOf("null", 'console.error("Warning: vkCreateInstance: Found no drivers!")'),
    /^no GPU that WebGPU can use \(vkCreateInstance: Found no drivers!\)$/,
    "·",
  ],
  [
    "a driver that crashes",
    adapterOf("null", 'process.kill(process.pid, "SIGSEGV"); await new Promise(() => {})'),
    /^broken: asking for a GPU ended with SIGSEGV$/,
    "·",
  ],
  [
    "a GPU that gives no device",
    adapterOf(gpu.replace("({})", '{ throw new Error("device lost at creation") }')),
    /^broken: asking for a GPU ended with device lost at creation$/,
    "·",
  ],
  [
    "a package for another system",
    'throw new Error("dlopen: wrong ELF class"); export let create, globals',
    /^broken: asking for a GPU ended with dlopen: wrong ELF class$/,
    "·",
  ],
  ["no packages", undefined, /^webgpu and @tensorflow\/tfjs-backend-webgpu are not installed$/, "·"],
];

async function install(what: string, dawn: string | undefined): Promise<void> {
  const folder = at(what.replaceAll(" ", "-"));
  for (const [name, version, source] of [
    ["webgpu", "0.6.2", dawn],
    ["@tensorflow/tfjs-backend-webgpu", "4.22.0", dawn && ""],
  ] as const) {
    if (source === undefined) continue;
    const modules = `${folder}/node_modules/${name}`;
    await mkdir(modules, { recursive: true });
    await writeFile(
      `${modules}/package.json`,
      JSON.stringify({ name, version, type: "module", main: "index.js" }),
    );
    await writeFile(`${modules}/index.js`, source);
  }
  vi.stubEnv("CSL_ENGINE_MODULES", folder);
}

describe("the engine webgpu, by what a machine has", () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each(machines)("%s", async (what, dawn, detail, mark) => {
    await install(what, dawn);
    const reports = await probeEngines([webgpuEngine, cpuEngine]);
    expect(reports[0]!.detail).toMatch(detail);
    expect(reports[0]!.detail).not.toContain("\n");
    const [line, hint] = formatEngines(reports).split("\n");
    expect(line).toBe(`${mark} webgpu  ${reports[0]!.detail}`);
    if (mark === "·") expect(hint).toMatch(/^ {10}to get it: (npm i .*webgpu|a GPU with a driver for)/);
  });

  it("a software adapter is passed over, and taken when it is asked for", async () => {
    await install("software adapter", adapterOf(software));
    expect(await startFirst([webgpuEngine, cpuEngine])).toMatchObject({
      name: "cpu",
      reason: "the fastest of this machine (without webgpu)",
    });
    const reports = await probeEngines([webgpuEngine, cpuEngine]);
    expect(formatEngines(reports, { asked: "webgpu" })).toMatch(
      /^→ webgpu .*\n✓ cpu[\s\S]*asks for webgpu\.$/,
    );
  });
});
