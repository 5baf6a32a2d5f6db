import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { CslError } from "@csl/internal/errors/csl-error";
import { runProgram } from "@csl/internal/processes/run-program";
import { drawDataSets } from "../data-sets.js";
import type { Settings } from "../parts/part.js";
import { modulesOf, neededFiles } from "./module-files.js";

const repository = realpathSync(fileURLToPath(new URL("../../../..", import.meta.url)));

/** What of the repository's own files travels. */
const own = [
  "package.json",
  "tsconfig.json",
  "tsconfig.base.json",
  "vitest.config.ts",
  "packages",
  "benchmarks",
  "tooling/test-support",
];
/** Whose packages are needed: those of the programs and of the tests that run there. */
const starts = ["benchmarks", "packages/tfjs-backend-torch"];
const notCopied = new Set(["node_modules", "dist", ".turbo", ".pack", "coverage"]);
/** Trainings that benchmarks left. Sources have folders of that name, too. */
const trainings = join(repository, "benchmarks", "runs");

const runScript = `#!/bin/sh
# Unpacks gpu-check into a folder of its own, and runs it there; flags are those of gpu-check.
set -e
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if command -v xz >/dev/null; then tar -xJf "$here/gpu-check.tar.xz" -C "$folder"
else "\${CSL_PYTHON:-python3}" -m tarfile -e "$here/gpu-check.tar.xz" "$folder"; fi
export INIT_CWD="\${INIT_CWD:-$PWD}" CSL_CACHE="\${CSL_CACHE:-$folder/cache}"
cd "$folder/repository"
"$folder/node" --conditions=@csl/source --import tsx benchmarks/src/gpu-check/gpu-check.ts --data "$folder/data" "$@"
`;

/**
 * Makes a folder to carry to a machine of this kind without network: run.sh and an archive of Node, of the packages with what they need,
 * and of the images.
 */
export async function pack(
  folder: string,
  settings: Settings,
  { log }: { log: (line: string) => void },
): Promise<void> {
  const stage = mkdtempSync(join(tmpdir(), "gpu-check-pack-"));
  try {
    cpSync(process.execPath, join(stage, "node"));
    const there = join(stage, "repository");
    for (const path of own)
      cpSync(join(repository, path), join(there, path), {
        recursive: true,
        filter: (source) =>
          !notCopied.has(basename(source)) && source !== trainings && !source.endsWith(".log"),
      });
    const { folders, links } = modulesOf(repository, starts, ["tsx", "vitest"]);
    for (const module of folders)
      for (const file of neededFiles(join(repository, module)))
        cpSync(join(repository, module, file), join(there, module, file));
    for (const { path, to } of links) {
      mkdirSync(dirname(join(there, path)), { recursive: true });
      symlinkSync(relative(dirname(join(there, path)), join(there, to)), join(there, path));
    }
    log("drawing the images");
    await drawDataSets(join(stage, "data"), settings, new AbortController().signal);
    log("compressing");
    mkdirSync(folder, { recursive: true });
    const archive = join(folder, "gpu-check.tar.xz");
    const { code, stderr, reason } = await runProgram("tar", [
      "-C",
      stage,
      "-cJf",
      archive,
      "node",
      "repository",
      "data",
    ]);
    if (code !== 0)
      throw new CslError(
        "failed",
        `gpu-check: tar could not write ${archive}: ${reason ?? stderr.trim()}. Are tar and xz installed?`,
      );
    writeFileSync(join(folder, "run.sh"), runScript, { mode: 0o755 });
    log(
      `${folder}: ${(statSync(archive).size / 1e6).toFixed(1)} MB. Copy it to the machine and run: sh ${basename(folder)}/run.sh`,
    );
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}
