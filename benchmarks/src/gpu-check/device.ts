import { startTorch, type TorchOptions } from "@csl/tfjs-backend-torch";
import * as tf from "@tensorflow/tfjs";

/** Where the check computes. "fake": the torch package's device without hardware, which stands in CUDA's place; it tries the check itself. */
export type Device = "cuda" | "cpu" | "fake";

interface Names {
  /** What `startTorch` calls it. */
  torch: "cpu" | "cuda";
  /** The engine of `csl train`. */
  engine: "torch" | "torch-cuda";
  /** PyTorch's device; it has no fake one. */
  pytorch: "cpu" | "cuda";
}

export const devices: Readonly<Record<Device, Names>> = {
  cuda: { torch: "cuda", engine: "torch-cuda", pytorch: "cuda" },
  cpu: { torch: "cpu", engine: "torch", pytorch: "cpu" },
  fake: { torch: "cuda", engine: "torch-cuda", pytorch: "cpu" },
};

export function isDevice(name: string): name is Device {
  return Object.hasOwn(devices, name);
}

/** Starts the torch engine on a device and makes it TensorFlow.js's backend. */
export async function startDevice(
  device: string,
  options: Omit<TorchOptions, "device"> = {},
): ReturnType<typeof startTorch> {
  const { torch } = devices[device as Device];
  const started = await startTorch({ device: torch, ...options });
  await tf.setBackend("torch");
  return started;
}
