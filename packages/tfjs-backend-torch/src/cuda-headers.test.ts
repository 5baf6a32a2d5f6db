import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cudaHeaders } from "./cuda-headers.js";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "cuda-headers-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const pip13 = "site/nvidia/cu13/include";
const toolkit = "usr/local/cuda/include";

/** Headers by folder: the version of cuda_runtime_api.h, and whether crt/host_config.h is there. */
type Machine = Record<string, { version?: number; crt?: boolean }>;

async function file(path: string, text = ""): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function choose(machine: Machine, { env = {}, versionPy = "" } = {}): Promise<string[] | string> {
  for (const [folder, { version, crt }] of Object.entries(machine)) {
    if (version) await file(join(root, folder, "cuda_runtime_api.h"), `#define CUDART_VERSION  ${version}\n`);
    if (crt) await file(join(root, folder, "crt/host_config.h"));
  }
  if (versionPy) await file(join(root, "site/torch/version.py"), versionPy);
  const found = cudaHeaders({ lib: join(root, "site/torch/lib") }, { env, systemRoot: root });
  return found.missing ?? found.folders.map((folder) => folder.slice(root.length + 1));
}

const whole = (version: number) => ({ version, crt: true });

test.each<{ case: string; machine: Machine; chosen: string[] }>([
  { case: "pip's own", machine: { [pip13]: whole(13000) }, chosen: [pip13] },
  {
    case: "pip's own before a toolkit of any version",
    machine: { [pip13]: whole(13000), [toolkit]: whole(13010) },
    chosen: [pip13],
  },
  {
    case: "pip's packages of CUDA 12, which keep them in two folders",
    machine: {
      "site/nvidia/cuda_runtime/include": { version: 12060 },
      "site/nvidia/cuda_nvcc/include": { crt: true },
    },
    chosen: ["site/nvidia/cuda_runtime/include", "site/nvidia/cuda_nvcc/include"],
  },
  {
    case: "a toolkit of the same major version where pip's lack crt",
    machine: { [pip13]: { version: 13000 }, [toolkit]: whole(13020) },
    chosen: [toolkit],
  },
  {
    case: "any toolkit for a libtorch that does not say its version",
    machine: { [toolkit]: whole(12040) },
    chosen: [toolkit],
  },
  {
    case: "Debian's toolkit where /usr/local/cuda is not whole",
    machine: { [toolkit]: { version: 12040 }, "usr/include": whole(11080) },
    chosen: ["usr/include"],
  },
])("takes $case", async ({ machine, chosen }) => {
  expect(await choose(machine)).toEqual(chosen);
});

test("CUDA_HOME goes before /usr/local/cuda; a relative one counts as not set", async () => {
  const machine = { "opt/cuda-12/include": whole(12040), [toolkit]: whole(12060) };
  expect(await choose(machine, { env: { CUDA_HOME: join(root, "opt/cuda-12") } })).toEqual([
    "opt/cuda-12/include",
  ]);
  expect(await choose({}, { env: { CUDA_HOME: "opt/cuda-12" } })).toEqual([toolkit]);
});

test.each<{ case: string; machine: Machine; versionPy?: string; said: string }>([
  {
    case: "pip's without crt",
    machine: { [pip13]: { version: 13000 } },
    said: `CUDA's crt/host_config.h is missing: pip install "nvidia-cuda-crt==13.0.*"`,
  },
  {
    case: "pip's without crt, beside a toolkit of another major version",
    machine: { [pip13]: { version: 13000 }, [toolkit]: whole(12060) },
    said: `CUDA's crt/host_config.h is missing: pip install "nvidia-cuda-crt==13.0.*"`,
  },
  {
    case: "pip's of CUDA 12 without crt",
    machine: { "site/nvidia/cuda_runtime/include": { version: 12060 } },
    said: `CUDA's crt/host_config.h is missing: pip install "nvidia-cuda-nvcc-cu12==12.6.*"`,
  },
  {
    case: "none, and a torch package that says its version",
    machine: { [toolkit]: whole(12060) },
    versionPy: "__version__ = '2.11.0+cu130'\ncuda: Optional[str] = '13.0'\n",
    said: "CUDA's cuda_runtime_api.h is missing: install CUDA's toolkit, version 13.0, or name its folder in CUDA_HOME",
  },
  {
    case: "none",
    machine: {},
    said: "CUDA's cuda_runtime_api.h is missing: install CUDA's toolkit, or name its folder in CUDA_HOME",
  },
])("$case: says what is missing, and how to get it", async ({ machine, versionPy = "", said }) => {
  expect(await choose(machine, { versionPy })).toBe(said);
});
