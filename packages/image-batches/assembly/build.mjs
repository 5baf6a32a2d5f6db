// Compiles assembly/ to src/kernels/compiled-kernels.ts: `node packages/image-batches/assembly/build.mjs`.
// The compiler is fetched by npx when this runs, so that no install of the workspace carries it; a test compares the
// digest below with the sources and fails when they were changed without this command.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sourceDigest } from "@csl/test-support/source-digest";

const [command, ...first] = process.env.ASC
  ? [process.env.ASC]
  : ["npx", "--yes", "--package=assemblyscript@0.28.20", "asc"];
const folder = mkdtempSync(join(tmpdir(), "csl-assembly-"));
try {
  const out = join(folder, "kernels.wasm");
  const options = ["--runtime", "stub", "--noAssert", "-O3", "--disableWarning", "112", "--use", "abort="];
  execFileSync(
    command,
    [...first, join(import.meta.dirname, "index.ts"), ...options, "--enable", "simd", "-o", out],
    { stdio: "inherit" },
  );
  const kernels = readFileSync(out).toString("base64");
  const target = join(import.meta.dirname, "../src/kernels/compiled-kernels.ts");
  mkdirSync(join(target, ".."), { recursive: true });
  writeFileSync(
    target,
    `// Generated from assembly/ by \`node packages/image-batches/assembly/build.mjs\`; do not edit.
/** SHA-256 of the sources that the module below was compiled from. */
export const compiledFrom = "${sourceDigest(import.meta.dirname)}";
/** The kernels as WebAssembly with SIMD, in base64. */
export const compiledKernels =
  "${kernels}";
`,
  );
  console.log(`${target}: ${kernels.length} characters`);
} finally {
  rmSync(folder, { recursive: true });
}
