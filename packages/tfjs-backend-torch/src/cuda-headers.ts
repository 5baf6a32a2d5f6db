import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Libtorch } from "./check-libtorch.js";

/** Folders for -I, or what is missing for CUDA graphs and memory statistics and how to get it, one line. */
export type CudaHeaders =
  | { folders: string[]; missing?: undefined }
  | { folders?: undefined; missing: string };

export interface CudaHeadersOptions {
  env?: NodeJS.ProcessEnv;
  /** The folder that stands for "/" where the system's own folders are looked up; for tests. */
  systemRoot?: string;
}

/** The second is what the first includes, and is in a package of its own. */
const needed = ["cuda_runtime_api.h", "crt/host_config.h"];

/** The packages that pip lays beside torch, of CUDA 13 and of CUDA 12: their folders, and the one that has `crt`. */
const pipLayouts = [
  { folders: ["cu13"], crt: "nvidia-cuda-crt" },
  { folders: ["cuda_runtime", "cuda_nvcc"], crt: "nvidia-cuda-nvcc-cu12" },
];

/**
 * CUDA's headers for this libtorch: those that pip laid beside it, then a toolkit (CUDA_HOME, /usr/local/cuda, Debian's). A
 * toolkit of another major version than libtorch's is not taken: its types may differ from those libtorch was built with.
 */
export function cudaHeaders(
  { lib }: Pick<Libtorch, "lib">,
  { env = process.env, systemRoot = "/" }: CudaHeadersOptions = {},
): CudaHeaders {
  const pip = pipLayouts.map(({ folders, crt }) => ({
    folders: folders.map((name) => join(lib, "../../nvidia", name, "include")),
    crt,
  }));
  const whole = pip.find(({ folders }) => isWhole(folders));
  if (whole) return { folders: whole.folders.filter(existsSync) };

  const own = pip.find(({ folders }) => versionIn(folders) !== undefined);
  const wanted = own ? versionIn(own.folders) : versionOfPackage(lib);
  const toolkits = [
    ...(isAbsolute(env.CUDA_HOME ?? "") ? [join(env.CUDA_HOME!, "include")] : []),
    join(systemRoot, "usr/local/cuda/include"),
    join(systemRoot, "usr/include"),
  ];
  const toolkit = toolkits.find(
    (folder) => isWhole([folder]) && (wanted === undefined || major(versionIn([folder])) === major(wanted)),
  );
  if (toolkit !== undefined) return { folders: [toolkit] };

  const lacking = needed.find((name) => !own || !hasHeader(own.folders, name));
  const way = own
    ? `pip install "${own.crt}==${wanted}.*"`
    : `install CUDA's toolkit${wanted ? `, version ${wanted}` : ""}, or name its folder in CUDA_HOME`;
  return { missing: `CUDA's ${lacking} is missing: ${way}` };
}

function isWhole(folders: readonly string[]): boolean {
  return needed.every((name) => hasHeader(folders, name));
}

function hasHeader(folders: readonly string[], name: string): boolean {
  return folders.some((folder) => existsSync(join(folder, name)));
}

/** "13.0", of the CUDA whose headers these are. */
function versionIn(folders: readonly string[]): string | undefined {
  const header = folders.map((folder) => join(folder, needed[0]!)).find(existsSync);
  if (header === undefined) return undefined;
  const number = Number(/define CUDART_VERSION\s+(\d+)/.exec(readFileSync(header, "utf8"))?.[1]);
  return Number.isNaN(number) ? undefined : `${Math.floor(number / 1000)}.${(number % 1000) / 10}`;
}

/** The same, from what a Python package of torch says of itself. */
function versionOfPackage(lib: string): string | undefined {
  const path = join(lib, "../version.py");
  return existsSync(path) ? /^cuda\b.*'([\d.]+)'/m.exec(readFileSync(path, "utf8"))?.[1] : undefined;
}

function major(version: string | undefined): string | undefined {
  return version?.split(".")[0];
}
