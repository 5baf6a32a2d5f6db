import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import { createWebgpuBackend } from "../webgpu/create-webgpu-backend.js";
import { mendStockKernels } from "../webgpu/mend-stock-kernels.js";
import { registerWebgpuKernels } from "../webgpu/register-webgpu-kernels.js";
import {
  adapterName,
  identityOf,
  infoOf,
  isSoftware,
  requestAdapter,
  requestDevice,
} from "../webgpu/webgpu-device.js";
import type { BrowserDriver } from "./browser-driver.js";

let running: { device: GPUDevice; name: string } | undefined;

/** WebGPU of the browser, with our kernels. */
export const startWebgpu: BrowserDriver = async ({ webgpu, byName }) => {
  if (!webgpu)
    throw new CslError(
      "unsupported",
      'it needs its package: npm i @tensorflow/tfjs-backend-webgpu, and import * as webgpu from "@tensorflow/tfjs-backend-webgpu"; startEngine({ webgpu })',
    );
  if (!running) {
    const { gpu } = navigator as { gpu?: GPU };
    if (!gpu)
      throw new CslError("unsupported", "this browser has no WebGPU, or the page is not served by https");
    const adapter = await requestAdapter(gpu);
    if (!adapter) throw new CslError("unsupported", "WebGPU of this browser finds no GPU");
    const identity = identityOf(adapter);
    const name = adapterName(identity);
    if (isSoftware(identity) && !byName)
      throw new CslError(
        "unsupported",
        `WebGPU has only a software adapter, ${name}, which is slower than wasm`,
      );
    const device = await requestDevice(adapter);
    tf.removeBackend("webgpu");
    const { WebGPUBackend } = webgpu as unknown as typeof import("@tensorflow/tfjs-backend-webgpu");
    tf.registerBackend("webgpu", () => createWebgpuBackend(WebGPUBackend, device, infoOf(adapter)), 3);
    running = { device, name };
    void device.lost.then(() => (running = undefined)); // the next start makes another one
  }
  const { device, name } = running;
  if (!(await tf.setBackend("webgpu"))) throw new CslError("failed", "its backend did not start");
  mendStockKernels();
  registerWebgpuKernels();
  return { device: `${name} (WebGPU)`, stop: () => device.destroy() };
};
