import { fileURLToPath } from "node:url";
import { type Device, devices } from "../device.js";
import { Worker } from "./worker.js";

/** PyTorch's side, in a process of its own. */
export function startPytorch(python: string, device: Device): Worker {
  const program = fileURLToPath(new URL("../../../pytorch/device_worker.py", import.meta.url));
  return new Worker(python, [program, devices[device].pytorch]);
}
