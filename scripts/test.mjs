// The README's second command: everything that must hold, on a machine that has Node and the npm registry.
// Ends with one line, "N passed, N failed, N skipped".
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { install, pnpm, root, run } from "./run.mjs";

const report = join(root, "node_modules", ".vitest-report.json");
const torchConfig = "packages/tfjs-backend-torch/conformance/project/vitest.config.mjs";
const deviceConfig = "packages/tfjs-backend-torch/conformance/device/vitest.config.mjs";
let torchIsHere = true;
/** Another libtorch than the first that is found: the bindings are for 1.13 and 2.x. */
const { CSL_SECOND_LIBTORCH: secondLibtorch } = process.env;
const processGroups = "packages/tfjs-backend-torch/src/distributed/process-group.test.ts";
/** Compiling the engine's binding, too, would take two minutes. */
const withoutEngine = "^process groups on (?!.*a tensor of the engine)";

/** Each step runs a command and says how many tests it counted; a step without counts is one test. */
const steps = [
  { name: "lint", run: () => pnpm(["lint"]) },
  { name: "workspace lint", run: () => pnpm(["lint:workspace"]) },
  { name: "types", run: () => pnpm(["typecheck"]) },
  { name: "manifests", run: () => run("node", ["scripts/checks/manifests.mjs"]) },
  { name: "bundled libraries", run: () => run("node", ["scripts/checks/bundled.mjs"]) },
  { name: "dependencies", run: () => run("node", ["scripts/checks/dependencies.mjs"]) },
  { name: "public names", run: () => run("node", ["scripts/checks/surfaces.mjs"]) },
  { name: "errors", run: () => run("node", ["scripts/checks/errors.mjs"]) },
  {
    name: "options",
    run: () =>
      run("node", ["--conditions=@csl/source", "--import", "tsx", "scripts/checks/options.mjs"], {
        capture: true,
      }),
    count: countClosingLine,
  },
  // Before the unit tests: it compiles the binding that they load.
  {
    name: "torch conformance",
    run: () =>
      pnpm(["--filter", "@csl/tfjs-backend-torch", "conformance", "--where-available"], { capture: true }),
    count(result) {
      torchIsHere = !/^left out: /m.test(result.output);
      return countClosingLine(result);
    },
  },
  {
    name: "torch conformance on a device without hardware",
    run: () =>
      pnpm(["--filter", "@csl/tfjs-backend-torch", "conformance", "--where-available"], {
        capture: true,
        env: { CSL_TORCH_TEST_DEVICE: "fake" },
      }),
    count: countClosingLine,
  },
  { name: "unit tests", run: () => vitest(), count: countVitest },
  {
    name: "the project's tests on torch",
    run: () => (torchIsHere ? vitest(["--config", torchConfig]) : leftOut("no libtorch")),
    count: () => (torchIsHere ? countVitest() : { passed: 0, failed: 0, skipped: 1 }),
  },
  {
    name: "torch on a device without hardware",
    run: () => (torchIsHere ? vitest(["--config", deviceConfig]) : leftOut("no libtorch")),
    count: () => (torchIsHere ? countVitest() : { passed: 0, failed: 0, skipped: 1 }),
  },
  {
    name: "process groups on a second libtorch",
    run: () =>
      secondLibtorch
        ? vitest([processGroups, "-t", withoutEngine], { LIBTORCH: secondLibtorch })
        : leftOut("no CSL_SECOND_LIBTORCH"),
    count: () => (secondLibtorch ? countVitest() : { passed: 0, failed: 0, skipped: 1 }),
  },
  { name: "build", run: () => pnpm(["build", "--output-logs=errors-only"]) },
  { name: "packages as published", run: () => pnpm(["check", "--output-logs=errors-only"]) },
  { name: "browser size", run: () => pnpm(["size"]) },
  { name: "docs", run: () => pnpm(["api-docs"]) },
  {
    name: "integrations",
    run: () => run("node", ["integrations/run.mjs", ...browserFlags()], { capture: true }),
    count: countClosingLine,
  },
  {
    name: "quick start, small",
    run: () => pnpm(["--filter", "@csl/example-quickstart", "start", "--small"]),
  },
  {
    name: "OpenImages, miniature",
    run: () => pnpm(["--filter", "@csl/example-openimages-train", "start", "--smoke"]),
  },
  { name: "LVIS, miniature", run: () => pnpm(["--filter", "@csl/example-lvis-train", "start", "--smoke"]) },
];

await install();
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
for (const step of steps) {
  console.log(`\n── ${step.name}`);
  const result = await step.run();
  const counts = step.count?.(result) ?? {
    passed: result.code === 0 ? 1 : 0,
    failed: result.code === 0 ? 0 : 1,
    skipped: 0,
  };
  if (result.code !== 0 && counts.failed === 0) counts.failed = 1;
  for (const key of Object.keys(total)) total[key] += counts[key];
  if (counts.failed > 0) failures.push(step.name);
}
if (failures.length > 0) console.log(`\nFailed: ${failures.join(", ")}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);

function leftOut(why) {
  console.log(`left out: ${why}`);
  return { code: 0 };
}

/** Without Chromium the page of the browser integration is skipped, and the closing line says so. */
function browserFlags() {
  if (spawnSync("chromium", ["--version"]).status === 0) return [];
  console.log("no chromium here (apt-get install chromium): the browser integration is skipped");
  return ["--skip-browser"];
}

function vitest(words = [], env = {}) {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return pnpm(["exec", "vitest", "run", ...words, ...reporters], { env });
}

function countVitest() {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"));
    rmSync(report);
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function countClosingLine({ output }) {
  const match = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1);
  return match && { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) };
}
