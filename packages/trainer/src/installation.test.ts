import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
}

/** Every package that installing the one in `folder` brings, by walking the installed manifests. */
function dependencyClosure(folder: string, found: Set<string> = new Set()): Set<string> {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (found.has(name)) continue;
    found.add(name);
    const paths = createRequire(join(folder, "package.json")).resolve.paths(name) ?? [];
    const installed = paths.map((path) => join(path, name)).find(isPackage);
    if (!installed) throw new Error(`expected ${name} to be installed for ${manifest.name}`);
    dependencyClosure(realFolder(installed), found);
  }
  return found;
}

function isPackage(folder: string): boolean {
  try {
    readFileSync(join(folder, "package.json"));
    return true;
  } catch {
    return false;
  }
}

/** pnpm links packages; their own dependencies are next to the real folder. */
function realFolder(folder: string): string {
  return dirname(createRequire(join(folder, "package.json")).resolve("./package.json"));
}

test("installing the trainer brings the loop's packages and TensorFlow.js alone: no scenes, no sharp, no fonts", () => {
  const closure = dependencyClosure(join(import.meta.dirname, ".."));
  const own = [...closure].filter((name) => name.startsWith("@csl/")).sort();
  expect(own).toEqual(["@csl/checkpoints", "@csl/metrics", "@csl/partial-loss"]);
  const rest = [...closure].filter((name) => !name.startsWith("@csl/")).sort();
  expect(rest.filter((name) => /sharp|font|iconify|scenes/.test(name))).toEqual([]);
  // What @tensorflow/tfjs-core itself brings.
  expect(rest).toEqual([
    "@tensorflow/tfjs-core",
    "@types/long",
    "@types/offscreencanvas",
    "@types/seedrandom",
    "@webgpu/types",
    "long",
    "node-fetch",
    "seedrandom",
    "tr46",
    "webidl-conversions",
    "whatwg-url",
  ]);
});
