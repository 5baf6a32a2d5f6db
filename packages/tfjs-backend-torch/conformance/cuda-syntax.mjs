// Checks the binding's CUDA parts against CUDA's headers, on a machine that needs no GPU and no CUDA build of libtorch: the
// libtorch that is found, as if it had CUDA. Nothing is linked or run.
//
//   pnpm conformance:cuda        CUDA's headers are looked for as for the binding (src/cuda-headers.ts)

import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileFlags, findCompiler } from "../src/compiler.ts";
import { cudaHeaders } from "../src/cuda-headers.ts";
import { findLibtorch } from "../src/find-libtorch.ts";

const { found, tried } = findLibtorch();
if (!found) throw new Error(`no libtorch: ${tried.join("; ")}`);
const flags = compileFlags({ ...found, cuda: true });
const { missing } = cudaHeaders(found);
if (missing) {
  console.log(`left out: ${missing}\n0 passed, 0 failed, 1 skipped`);
  process.exit();
}

// A CPU build of libtorch lacks the one header that says how its CUDA part was linked.
const stub = await mkdtemp(join(tmpdir(), "csl-cuda-"));
await mkdir(join(stub, "c10/cuda/impl"), { recursive: true });
await writeFile(
  join(stub, "c10/cuda/impl/cuda_cmake_macros.h"),
  "#pragma once\n#define C10_CUDA_BUILD_SHARED_LIBS\n",
);
const folder = fileURLToPath(new URL("../binding/", import.meta.url));
const counts = { passed: 0, failed: 0 };
for (const name of (await readdir(folder)).filter((file) => file.endsWith(".cc"))) {
  if (!(await readFile(join(folder, name), "utf8")).includes("CSL_CUDA")) continue;
  const { status, stderr } = spawnSync(
    findCompiler(),
    [...flags, `-I${stub}`, "-fsyntax-only", join(folder, name)],
    { encoding: "utf8" },
  );
  counts[status === 0 ? "passed" : "failed"]++;
  console.log(
    `${name}: ${status === 0 ? "compiles" : stderr.split("\n").find((line) => line.includes("error"))}`,
  );
}
await rm(stub, { recursive: true });
console.log(`libtorch ${found.version}: ${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 ? 1 : 0;
