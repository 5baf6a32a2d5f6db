import { existsSync } from "node:fs";
import { join } from "node:path";

/** Files by which an NVIDIA driver shows itself: of a desktop or server, of WSL, of a Jetson. */
const signs = ["dev/nvidiactl", "proc/driver/nvidia/version", "dev/dxg", "dev/nvhost-ctrl", "dev/nvgpu"];

/** Whether the system has an NVIDIA driver; libtorch's own question would load gigabytes of libraries. */
export function hasNvidiaDriver(systemRoot = "/"): boolean {
  return signs.some((path) => existsSync(join(systemRoot, path)));
}
