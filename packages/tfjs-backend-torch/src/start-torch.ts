import { existsSync } from "node:fs";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import { bindingPath, buildBinding } from "./build-binding.js";
import { checkDevice, chooseDevice } from "./choose-device.js";
import { compilerHint, findCompiler } from "./compiler.js";
import { findLibtorch } from "./find-libtorch.js";
import { freeGradientsEarly } from "./free-gradients-early.js";
import {
  hasTestDevice,
  libtorchHint,
  loadBinding,
  requireLibtorch,
  unsupportedHint,
} from "./load-binding.js";
import { hasNvidiaDriver } from "./nvidia-driver.js";
import { checkPrecision, choosePrecision, type Precision } from "./precision.js";
import { registerTorchKernels } from "./register-kernels.js";
import { TorchBackend } from "./torch-backend.js";
import { verifyBinding } from "./verify-binding.js";

export interface TorchOptions {
  /** "cuda" is the GPU of this process's place among those of its machine, where a launcher says it (LOCAL_RANK), or the first. */
  device?: "cpu" | "cuda" | `cuda:${number}`;
  /** Threads of one operator. Default: libtorch's own choice. */
  threads?: number;
  /**
   * How activations are stored; weights, statistics and losses are float32 either way. "auto" takes bfloat16 where the
   * CPU, or the GPU, computes faster in it. Default "float32".
   */
  precision?: Precision | "auto";
  /** CUDA: products of float32 in TF32, about three decimal digits at several times the speed. Default false. */
  tf32?: boolean;
  /** CUDA: cudnn times its algorithms at every new shape and keeps the fastest. Default true. */
  cudnnBenchmark?: boolean;
  log?: (line: string) => void;
  /** Ends the compiling of the binding, at first use, with its reason. */
  signal?: AbortSignal;
}

/** Whether the engine can be started here, found out without loading libtorch. */
export async function probeTorch(options: { device?: "cpu" | "cuda" } = {}): Promise<{
  available: boolean;
  detail: string;
  hint?: string;
}> {
  checkOptions("probeTorch", options, { device: true });
  const { device = "cpu" } = options;
  const { found, unsupported } = findLibtorch();
  if (unsupported) return { available: false, detail: unsupported, hint: unsupportedHint };
  if (!found) {
    const detail = process.env.LIBTORCH ? "LIBTORCH names no libtorch" : "no libtorch on this machine";
    return { available: false, detail, hint: libtorchHint };
  }
  const detail = `libtorch ${found.version}, ${found.source}`;
  const cuda = device === "cuda" && !hasTestDevice();
  if (cuda && !found.cuda) {
    const hint = "pip install torch, in its CUDA build";
    return { available: false, detail: `${detail}, built without CUDA`, hint };
  }
  if (cuda && !hasNvidiaDriver()) {
    const hint = "a machine with an NVIDIA GPU and its driver";
    return { available: false, detail: `${detail}, but no NVIDIA driver on this machine`, hint };
  }
  if (!existsSync(await bindingPath(found))) {
    try {
      findCompiler();
    } catch {
      return { available: false, detail: `${detail}, but no C++ compiler`, hint: compilerHint };
    }
  }
  return { available: true, detail };
}

/**
 * Finds libtorch, compiles the binding against it if that was not done yet, and loads it in a process of its own. The first
 * `startTorch` does the same; `csl engines build-torch` calls this.
 *
 * @returns the compiled binding's path and libtorch's version
 * @throws CslError `unsupported` or `failed` with one line that says what is missing and how to get it
 */
export async function buildTorch(
  options: { log?: (line: string) => void; signal?: AbortSignal } = {},
): Promise<{
  path: string;
  version: string;
}> {
  checkOptions("buildTorch", options, { log: true, signal: true });
  const { log, signal } = options;
  const build = { ...(log && { log }), ...(signal && { signal }) };
  const libtorch = requireLibtorch(findLibtorch());
  log?.(`libtorch ${libtorch.version}: ${libtorch.source}`);
  const path = await buildBinding(libtorch, build);
  await verifyBinding(path).catch(async ({ message }: Error) => {
    log?.(`the binding in the cache does not load (${message}); compiling it again`);
    await buildBinding(libtorch, { ...build, force: true });
  });
  return { path, version: libtorch.version };
}

/** Loads libtorch (compiling the binding at first use) and registers the backend "torch"; `tf.setBackend` is the caller's. */
export async function startTorch(options: TorchOptions = {}): Promise<{
  device: string;
  version: string;
  precision: Precision;
  /** Whether captureStep records. */
  recordsSteps: boolean;
}> {
  checkOptions("startTorch", options, {
    ...{
      device: true,
      threads: true,
      precision: true,
      tf32: true,
      cudnnBenchmark: true,
      log: true,
      signal: true,
    },
  });
  const {
    device = "cpu",
    threads,
    precision = "float32",
    tf32 = false,
    cudnnBenchmark = true,
    log,
    signal,
  } = options;
  checkDevice(device);
  checkPrecision(precision);
  const { binding, libtorch } = await loadBinding({ ...(log && { log }), signal });
  const cuda = device !== "cpu";
  let name = "cpu";
  let capability: [number, number] | null = null;
  if (cuda) {
    if (!binding.hasCuda()) {
      throw new CslError(
        "unsupported",
        `torch: libtorch ${libtorch.version} (${libtorch.source}) finds no CUDA device. Is the driver installed?`,
      );
    }
    const { accelerator = "cuda" } = binding;
    const index = chooseDevice(device, { count: binding.deviceCount(accelerator) });
    name = `${accelerator}:${index}`;
    binding.takeDevice(name);
    binding.setCudaMath(tf32, cudnnBenchmark);
    capability = binding.deviceCapability(index);
  }
  const chosen = choosePrecision(precision, cuda ? { capability } : {});
  // CSL_TORCH_REUSE=0: for tools that look for errors in memory, and know malloc alone.
  if (process.env.CSL_TORCH_REUSE !== "0") binding.reuseMemory();
  if (threads !== undefined) binding.setThreads(threads);
  registerTorchKernels({ cuda });
  freeGradientsEarly();
  if (!tf.findBackend("torch")) {
    tf.registerBackend("torch", () => new TorchBackend(binding, { device: name, precision: chosen }), 10);
  }
  return {
    device: cuda ? name : `cpu, ${threads ?? "all"} threads`,
    version: `libtorch ${libtorch.version}`,
    precision: chosen,
    recordsSteps: cuda && binding.beginGraph !== undefined,
  };
}
