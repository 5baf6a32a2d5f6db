import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Part } from "../src/binding-parts.js";
import { buildBinding } from "../src/build-binding.js";
import { findLibtorch } from "../src/find-libtorch.js";
import { requireLibtorch } from "../src/load-binding.js";

/** A device without hardware (fake-device/fake-device.cc), compiled for tests alone and kept beside the binding. */
const part: Part = {
  folder: join(fileURLToPath(new URL(".", import.meta.url)), "fake-device"),
  nested: false,
  prefix: "fake-device-",
  flags: ["-O1"],
  what: "device without hardware",
  time: "half a minute",
  sharesHeader: false,
};

/** What it offers besides what stands in for CUDA's functions. */
export interface FakeDevice {
  /** What was done since the last call; the peak of memory is reset. */
  takeCounts(): DeviceCounts;
  /** Reads a tensor's memory as no program may: it ends the process. */
  readOnHost(tensor: unknown): number;
  /** Later work goes to this stream; 0 is the one that everything uses. */
  onStream(id: number): void;
}

export interface DeviceCounts {
  /** That the host waited for. */
  uploads: number;
  asyncUploads: number;
  /** That the host waited for. */
  downloads: number;
  asyncDownloads: number;
  deviceCopies: number;
  /** Whatever made the host wait for the device. */
  syncs: number;
  /** By the name of the operator. */
  launches: Record<string, number>;
  /** What the syncs were. */
  waits: Record<string, number>;
}

/** Its library, compiled at first use. Named in CSL_TORCH_DEVICE_LIBRARY, it is what startTorch takes for CUDA. */
export function buildFakeDevice({ log }: { log?: (line: string) => void } = {}): Promise<string> {
  const libtorch = requireLibtorch(findLibtorch());
  // Whoever asks for it loads it at once.
  return buildBinding(libtorch, { part, verify: async () => {}, ...(log && { log }) });
}

/** The library that startTorch has loaded. */
export function loadedFakeDevice(): FakeDevice {
  return createRequire(import.meta.url)(process.env.CSL_TORCH_DEVICE_LIBRARY!) as FakeDevice;
}
