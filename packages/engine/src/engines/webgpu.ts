import { pathToFileURL } from "node:url";
import { CslError } from "@csl/internal/errors/csl-error";
import { installCommand } from "@csl/internal/processes/install-command";
import { runProgram } from "@csl/internal/processes/run-program";
import * as tf from "@tensorflow/tfjs-core";
import type { EngineDriver, Probe, Started } from "../engine-driver.js";
import { createWebgpuBackend } from "../webgpu/create-webgpu-backend.js";
import { mendStockKernels } from "../webgpu/mend-stock-kernels.js";
import { registerWebgpuKernels } from "../webgpu/register-webgpu-kernels.js";
import {
  type AdapterIdentity,
  adapterName,
  identityOf,
  infoOf,
  isSoftware,
  requestAdapter,
  requestDevice,
} from "../webgpu/webgpu-device.js";
import { findOptionalPackage, type OptionalPackage } from "./find-optional-package.js";

const dawnName = "webgpu";
const backendName = "@tensorflow/tfjs-backend-webgpu";
const install = installCommand(`${dawnName} ${backendName}`, import.meta.url);

/** What is used of the package `webgpu`: Dawn, the WebGPU of Chromium. */
interface Dawn {
  create(flags: string[]): GPU;
  globals: object;
}

/** The device that computes. Dawn ends with its `gpu`, whatever still works on its devices. */
let running: { gpu: GPU; device: GPUDevice; adapter: AdapterIdentity } | undefined;

/** WebGPU in Node: the optional peers webgpu and @tensorflow/tfjs-backend-webgpu, and our kernels. */
export const webgpuEngine: EngineDriver = {
  name: "webgpu",
  unmeasured: true,
  reduced: "float16",
  async probe() {
    const found = findPackages();
    if ("missing" in found) return { available: false, detail: found.missing, hint: install };
    return probeAdapter(found.dawn);
  },
  async start({ precision }): Promise<Started> {
    const found = findPackages();
    if ("missing" in found) throw new CslError("unsupported", found.missing);
    const { dawn, backend } = found;
    running ??= await startDevice(dawn, backend);
    const { gpu, device, adapter } = running;
    // The backend looks for a GPU when it is made.
    if (!(await withNavigator(gpu, () => tf.setBackend("webgpu"))))
      throw new CslError("failed", "its backend did not start");
    mendStockKernels();
    // A GPU that computes in float16 is built to read it: there it is the faster of the two.
    const halves = precision === "float16" || (precision === "auto" && device.features.has("shader-f16"));
    registerWebgpuKernels({ precision: halves ? "float16" : "float32" });
    return {
      precision: halves ? "float16" : "float32",
      device: `${adapterName(adapter)} (WebGPU)${halves ? ", activations in float16" : ""}`,
      version: `tfjs-backend-webgpu ${backend.version}, Dawn of webgpu ${dawn.version}`,
      stop: () => device.destroy(),
    };
  },
};

/** A device and TensorFlow.js's backend on it. */
async function startDevice(
  dawn: OptionalPackage,
  backend: OptionalPackage,
): Promise<NonNullable<typeof running>> {
  const { create, globals } = (await import(urlOf(dawn))) as Dawn;
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const adapter = await requestAdapter(gpu);
  if (!adapter) throw new CslError("unsupported", "there is no GPU that WebGPU can use");
  const device = await requestDevice(adapter);
  void device.lost.then(() => {
    if (running?.device === device) running = undefined; // the next start makes another one
  });
  await withNavigator(gpu, () => {
    const { WebGPUBackend } = backend.require(
      backendName,
    ) as typeof import("@tensorflow/tfjs-backend-webgpu");
    tf.removeBackend("webgpu");
    tf.registerBackend("webgpu", () => createWebgpuBackend(WebGPUBackend, device, infoOf(adapter)), 3);
  });
  return { gpu, device, adapter: identityOf(adapter) };
}

function findPackages(): { dawn: OptionalPackage; backend: OptionalPackage } | { missing: string } {
  const dawn = findOptionalPackage(dawnName);
  const backend = findOptionalPackage(backendName);
  if (dawn && backend) return { dawn, backend };
  const names = [...(dawn ? [] : [dawnName]), ...(backend ? [] : [backendName])];
  return { missing: `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} not installed` };
}

function urlOf({ require }: OptionalPackage): string {
  return pathToFileURL(require.resolve(dawnName)).href;
}

/**
 * Asks for the adapter in a process of its own: a driver that is broken ends that one, or never answers, and what Dawn
 * prints about it becomes the reason.
 */
async function probeAdapter(dawn: OptionalPackage): Promise<Probe> {
  const question = `
    import { create, globals } from ${JSON.stringify(urlOf(dawn))};
    Object.assign(globalThis, globals);
    const adapter = await create([]).requestAdapter({ powerPreference: "high-performance" });
    if (adapter) await adapter.requestDevice();
    const { vendor, architecture, device, description, isFallbackAdapter } = adapter?.info ?? {};
    console.log("ADAPTER" + JSON.stringify(adapter && { vendor, architecture, device, description, isFallbackAdapter }));
    process.exit();`;
  const { code, signal, reason, stdout, stderr } = await runProgram(
    process.execPath,
    ["--input-type=module", "--eval", question],
    { timeout: 20_000 },
  );
  const hint = "a GPU with a driver for Vulkan, Metal or Direct3D 12";
  const absent = (detail: string): Probe => ({ available: false, detail, hint });
  if (code !== 0)
    return absent(
      `broken: asking for a GPU ended with ${signal ?? reason ?? lastWords(stderr) ?? `code ${code}`}`,
    );
  const adapter = JSON.parse(/^ADAPTER(.*)$/m.exec(stdout)?.[1] ?? "null") as AdapterIdentity | null;
  if (!adapter) {
    const said = lastWords(`${stdout}\n${stderr}`);
    return absent(`no GPU that WebGPU can use${said ? ` (${said})` : ""}`);
  }
  const name = adapterName(adapter);
  if (isSoftware(adapter))
    return { ...absent(`only a software adapter, ${name}, which is slower than wasm`), byName: true };
  return { available: true, detail: `${name}, ${dawnName} ${dawn.version}` };
}

/** The first warning of Dawn, or the error that ended the program. */
function lastWords(output: string): string | undefined {
  return /^(?:Warning|\w*Error): (.*)$/m.exec(output)?.[1];
}

/** With `navigator.gpu`, which is not left there for others to find. */
async function withNavigator<T>(gpu: GPU, work: () => T | Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { gpu } });
  try {
    return await work();
  } finally {
    if (before) Object.defineProperty(globalThis, "navigator", before);
    else Reflect.deleteProperty(globalThis, "navigator");
  }
}
