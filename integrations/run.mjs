// Installs the packed tarballs of @csl/partial-loss and @csl/metrics into small outside projects and runs them: what
// a user gets is the tarball, not the source.
//
//   node integrations/run.mjs [--skip-browser] [--keep]
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { pnpmCommand, root } from "../scripts/run.mjs";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));
const packages = ["partial-loss", "metrics"];
const projects = ["node-esm", "node-require", "vite-browser"];

// All three compute the same thing. With p = sigmoid(logit) and the default gammas 0, 1, 2, a positive adds -log p, a
// negative p * -log(1 - p), an un-annotated entry p^2 * -log(1 - p), except each sample's likeliest one (0.5 and 3).
// AP per class by hand: 1, 1/2 (its positive is ranked second) and 1.
const expected = [
  "loss 2.6983",
  "gradient -0.119 0.072 0.000 0.002 0.000 0.103 0.250 -0.818 -0.269",
  "mAP(C) 0.833 of 3 classes",
].join("\n");

const { values } = parseArgs({
  options: { "skip-browser": { type: "boolean", default: false }, keep: { type: "boolean", default: false } },
});

const workshop = await mkdtemp(join(tmpdir(), "csl-integrations-"));
let passed = 0;
let failed = 0;
let skipped = 0;
try {
  const tarballs = await pack();
  for (const project of projects) {
    if (project === "vite-browser" && values["skip-browser"]) {
      skipped++;
      console.log(`skip  ${project}: no browser asked for`);
      continue;
    }
    const problem = await tryProject(project, tarballs);
    if (problem === null) {
      passed++;
      console.log(`pass  ${project}`);
    } else {
      failed++;
      console.log(`FAIL  ${project}\n${problem}`);
    }
  }
} catch (error) {
  failed++;
  console.log(`FAIL  packing\n${reasonOf(error)}`);
} finally {
  if (values.keep) console.log(`kept in ${workshop}`);
  else await rm(workshop, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

/** Builds and packs as for publishing; returns the tarballs' paths. */
async function pack() {
  const tarballs = [];
  const [pnpm, ...words] = pnpmCommand();
  for (const name of packages) {
    const folder = join(root, "packages", name);
    await run(pnpm, [...words, "run", "build"], { cwd: folder });
    const tarball = join(workshop, `csl-${name}.tgz`);
    await run(pnpm, [...words, "pack", "--out", tarball], { cwd: folder });
    tarballs.push(tarball);
  }
  return tarballs;
}

/** Installs and runs one project outside the repository; returns what went wrong, or null. */
async function tryProject(project, tarballs) {
  const folder = join(workshop, project);
  await mkdir(folder);
  await cp(join(here, project), folder, {
    recursive: true,
    filter: (path) => !/node_modules|dist$/.test(path.slice(here.length)),
  });
  try {
    const flags = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--prefer-offline"];
    await run("npm", ["install", ...flags, ...tarballs], { cwd: folder });
    const { stdout } = await run("npm", ["test", "--silent"], { cwd: folder, timeout: 120_000 });
    const printed = stdout.trim();
    return printed === expected ? null : `expected\n${expected}\nbut it printed\n${printed}`;
  } catch (error) {
    return reasonOf(error);
  }
}

function reasonOf(error) {
  // A failed command's message ends with what it wrote to stderr.
  return [error.stdout, error.message].filter(Boolean).join("\n").trim();
}
