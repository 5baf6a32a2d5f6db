import { buildFakeDevice } from "./fake-device.js";

/**
 * Where the tests compute: on the CPU; on a device without hardware that refuses what a GPU would (CSL_TORCH_TEST_DEVICE=fake);
 * or on a GPU (CSL_TORCH_TEST_DEVICE=cuda).
 */
export const testDevice: "cpu" | "fake" | "cuda" = deviceNamed(process.env.CSL_TORCH_TEST_DEVICE || "cpu");

function deviceNamed(name: string): "cpu" | "fake" | "cuda" {
  if (name === "cpu" || name === "fake" || name === "cuda") return name;
  throw new Error(`CSL_TORCH_TEST_DEVICE: expected cpu, fake or cuda, got ${name}`);
}

/** What `startTorch` calls it. */
export const startedDevice: "cpu" | "cuda" = testDevice === "cpu" ? "cpu" : "cuda";

/** Before `startTorch`. */
export async function prepareTestDevice(options: { log?: (line: string) => void } = {}): Promise<void> {
  if (testDevice === "fake") process.env.CSL_TORCH_DEVICE_LIBRARY ??= await buildFakeDevice(options);
}
