// Compiles assembly/ to src/wasm/compiled-kernels.ts: `node packages/engine/assembly/build.mjs`.
// The compiler (94 MB) is fetched by npx when this runs, so that no install of the workspace carries it; a test
// compares the digest below with the sources and fails when they were changed without this command.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sourceDigest } from "@csl/test-support/source-digest";

const compiler = process.env.ASC
  ? [process.env.ASC]
  : ["npx", "--yes", "--package=assemblyscript@0.28.20", "asc"];
const folder = mkdtempSync(join(tmpdir(), "csl-assembly-"));

function compile(features) {
  const out = join(folder, "kernels.wasm");
  const options = [
    "--runtime",
    "stub",
    "--noAssert",
    "-O3",
    "--disableWarning",
    "112",
    "--use",
    "abort=",
    "--enable",
    features,
  ];
  const memory = [
    "--importMemory",
    "--noExportMemory",
    "--sharedMemory",
    "--initialMemory",
    "1",
    "--maximumMemory",
    "65536",
  ];
  const [command, ...first] = compiler;
  execFileSync(command, [...first, join(import.meta.dirname, "index.ts"), ...options, ...memory, "-o", out], {
    stdio: "inherit",
  });
  return readFileSync(out).toString("base64");
}

try {
  const plain = compile("threads,simd");
  const relaxed = compile("threads,simd,relaxed-simd");
  const target = join(import.meta.dirname, "../src/wasm/compiled-kernels.ts");
  writeFileSync(
    target,
    `// Generated from assembly/ by \`node packages/engine/assembly/build.mjs\`; do not edit.
/** SHA-256 of the sources that the modules below were compiled from. */
export const compiledFrom = "${sourceDigest(import.meta.dirname)}";
/** The kernels as WebAssembly with SIMD and threads, in base64. */
export const plainKernels =
  "${plain}";
/** The same with relaxed SIMD (fused multiply-add). */
export const relaxedKernels =
  "${relaxed}";
`,
  );
  console.log(`${target}: ${plain.length} + ${relaxed.length} characters`);
} finally {
  rmSync(folder, { recursive: true });
}
