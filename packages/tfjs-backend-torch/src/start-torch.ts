import * as tf from "@tensorflow/tfjs-core";
import { findLibtorch } from "./find-libtorch.js";
import { libtorchHint, loadBinding } from "./load-binding.js";
import { registerTorchKernels } from "./register-kernels.js";
import { TorchBackend } from "./torch-backend.js";

export interface TorchOptions {
  device?: "cpu" | "cuda";
  /** Threads of one operator. Default: libtorch's own choice. */
  threads?: number;
  log?: (line: string) => void;
}

/** Whether the engine can be started here, found out without loading libtorch. */
export async function probeTorch({ device = "cpu" }: { device?: "cpu" | "cuda" } = {}): Promise<{
  available: boolean;
  detail: string;
  hint?: string;
}> {
  const { found } = findLibtorch();
  if (!found) return { available: false, detail: "no libtorch on this machine", hint: libtorchHint };
  const detail = `libtorch ${found.version}, ${found.source}`;
  if (device === "cuda" && !found.cuda) {
    return {
      available: false,
      detail: `${detail}, built without CUDA`,
      hint: "pip install torch, in its CUDA build",
    };
  }
  return { available: true, detail };
}

/** Loads libtorch (compiling the binding at first use) and registers the backend "torch"; `tf.setBackend` is the caller's. */
export async function startTorch({ device = "cpu", threads, log }: TorchOptions = {}): Promise<{
  device: string;
  version: string;
}> {
  const { binding, libtorch } = await loadBinding(log ? { log } : {});
  if (device === "cuda" && !binding.hasCuda()) {
    throw new Error(
      `torch: libtorch ${libtorch.version} (${libtorch.source}) finds no CUDA device. Is the driver installed?`,
    );
  }
  if (threads !== undefined) binding.setThreads(threads);
  registerTorchKernels();
  if (!tf.findBackend("torch")) {
    tf.registerBackend(
      "torch",
      () => new TorchBackend(binding, { device: device === "cuda" ? "cuda:0" : "cpu" }),
      10,
    );
  }
  return {
    device: device === "cuda" ? "cuda:0" : `cpu, ${threads ?? "all"} threads`,
    version: `libtorch ${libtorch.version}`,
  };
}
