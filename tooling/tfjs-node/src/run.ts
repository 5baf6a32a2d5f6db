// Everything about tfjs-node in one command: installs it and TensorFlow's wheel into a folder of their own, builds the
// binding, runs the project's tests on it, and prints the quick start's throughput beside wasm's.
//   pnpm --filter @csl/tfjs-node-tests tfjs-node [options for vitest]
// PYTHON names a Python that has the wheel already.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildTensorflow } from "@csl/engine";

const here = join(import.meta.dirname, "..");
const root = join(here, "../..");
const folder = join(root, "node_modules/.cache/tfjs-node");

// pnpm's settings, which npm would comment on one by one, stay with pnpm.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([key]) => !key.startsWith("npm_config_")),
);

function run(command: string, args: string[], { env = {}, mayFail = false } = {}): number {
  console.log(`\n$ ${[command, ...args].join(" ")}`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...environment, CSL_ENGINE_MODULES: folder, ...env },
  });
  if (error || (status !== 0 && !mayFail)) {
    console.error(`tfjs-node: "${command}" failed: ${error?.message ?? `exit code ${status}`}`);
    process.exit(1);
  }
  return status ?? 1;
}

await mkdir(folder, { recursive: true });
if (!existsSync(join(folder, "node_modules/@tensorflow/tfjs-node"))) {
  // A project of its own: this workspace's installs stay as they are.
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  run("npm", [
    "install",
    "--prefix",
    folder,
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "@tensorflow/tfjs-node@4.22.0",
  ]);
}
let python = process.env.PYTHON;
if (!python) {
  python = join(folder, "python/bin/python");
  if (!existsSync(python)) run("python3", ["-m", "venv", join(folder, "python")]);
  run(python, ["-m", "pip", "install", "--quiet", "--no-deps", "tensorflow-cpu==2.21.0"]);
}

process.env.CSL_ENGINE_MODULES = folder;
await buildTensorflow({ python, log: console.log, cache: join(folder, "bindings") });

const config = join(here, "vitest.config.ts");
const failed = run(
  join(root, "node_modules/.bin/vitest"),
  ["run", "--config", config, ...process.argv.slice(2)],
  {
    env: { CSL_ENGINE: "tfjs-node" },
    mayFail: true,
  },
);
for (const engine of ["tfjs-node", "wasm"]) {
  run(join(root, "node_modules/.bin/tsx"), [
    "--conditions=@csl/source",
    join(here, "src/throughput.ts"),
    engine,
  ]);
}
process.exit(failed);
