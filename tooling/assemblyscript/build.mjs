// Compiles the AssemblyScript in packages/<name>/assembly to WebAssembly, which is kept as base64 in a TypeScript file:
//
//   node tooling/assemblyscript/build.mjs [engine] [image-batches]     without names: all
//
// The compiler (94 MB) is fetched by npx when this runs, so that no install of the workspace carries it; ASC names another
// one. A test of each package compares the digest in the file with the sources, and fails when they were changed without
// this command.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sourceDigest } from "./source-digest.mjs";

// The engine's kernels run on the memory of TensorFlow.js's own module.
const sharedMemory =
  "--importMemory --noExportMemory --sharedMemory --initialMemory 1 --maximumMemory 65536".split(" ");

/** What is compiled of each package: where it goes, and the modules in it by the names of their constants. */
const targets = {
  engine: {
    file: "src/wasm/compiled-kernels.ts",
    modules: {
      plainKernels: {
        about: "The kernels as WebAssembly with SIMD and threads, in base64.",
        options: ["--enable", "threads,simd", ...sharedMemory],
      },
      relaxedKernels: {
        about: "The same with relaxed SIMD (fused multiply-add).",
        options: ["--enable", "threads,simd,relaxed-simd", ...sharedMemory],
      },
    },
  },
  "image-batches": {
    file: "src/kernels/compiled-kernels.ts",
    modules: {
      compiledKernels: {
        about: "The kernels as WebAssembly with SIMD, in base64.",
        options: ["--enable", "simd"],
      },
    },
  },
};

const compiler = process.env.ASC
  ? [process.env.ASC]
  : ["npx", "--yes", "--package=assemblyscript@0.28.20", "asc"];
const always = "--runtime stub --noAssert -O3 --disableWarning 112 --use abort=".split(" ");

const names = process.argv.slice(2);
for (const name of names) {
  if (!(name in targets))
    throw new Error(`build.mjs: expected names of ${Object.keys(targets).join(", ")}, got "${name}".`);
}
const folder = mkdtempSync(join(tmpdir(), "csl-assembly-"));
try {
  for (const name of names.length > 0 ? names : Object.keys(targets)) build(name);
} finally {
  rmSync(folder, { recursive: true });
}

function build(name) {
  const root = join(import.meta.dirname, "../../packages", name);
  const { file, modules } = targets[name];
  const constants = Object.entries(modules).map(([constant, { about, options }]) => {
    const base64 = compile(join(root, "assembly/index.ts"), options);
    console.log(`${name} ${constant}: ${base64.length} characters`);
    return `/** ${about} */\nexport const ${constant} =\n  "${base64}";\n`;
  });
  writeFileSync(
    join(root, file),
    `// Generated from assembly/ by \`node tooling/assemblyscript/build.mjs ${name}\`; do not edit.
/** SHA-256 of the sources that ${constants.length > 1 ? "the modules" : "the module"} below ${constants.length > 1 ? "were" : "was"} compiled from. */
export const compiledFrom = "${sourceDigest(join(root, "assembly"))}";
${constants.join("")}`,
  );
}

function compile(source, options) {
  const out = join(folder, "kernels.wasm");
  const [command, ...first] = compiler;
  execFileSync(command, [...first, source, ...always, ...options, "-o", out], { stdio: "inherit" });
  return readFileSync(out).toString("base64");
}
