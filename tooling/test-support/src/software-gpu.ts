import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where Debian's and Ubuntu's package `chromium` is; CHROMIUM_FOLDER names another place. */
const folder = process.env.CHROMIUM_FOLDER || "/usr/lib/chromium";
const driver = join(folder, "vk_swiftshader_icd.json");
const loader = join(folder, "libvulkan.so.1");

/** Whether this machine has a GPU played by its CPU: SwiftShader, which comes with Chromium. Tests on WebGPU need it. */
export const hasSoftwareGpu: boolean = existsSync(driver) && existsSync(loader);

/** The line of a test that is left out. */
export const noSoftwareGpu = `left out: needs SwiftShader of Chromium (${driver}): apt-get install chromium`;

/** What a program needs in its environment to find the engine webgpu on the software GPU. */
export const softwareGpuEnv: Readonly<Record<string, string>> = {
  VK_ICD_FILENAMES: driver,
  LD_LIBRARY_PATH: folder,
  CSL_ENGINE_MODULES: join(import.meta.dirname, ".."),
};

/**
 * The same for this process, for which LD_LIBRARY_PATH comes too late. The loader of Vulkan is found by name once it is
 * loaded; it stays when Node finds that it is no addon and closes it.
 */
export function useSoftwareGpu(): void {
  Object.assign(process.env, softwareGpuEnv);
  const now = 2;
  const stays = 0x1000;
  try {
    process.dlopen({ exports: {} }, loader, now | stays);
  } catch {}
}
