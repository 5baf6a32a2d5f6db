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

/** A step runs a command, held back or not, and says how many tests it counted; a step without counts is one test. */
const script = (name, path) => ({ name, run: (how) => run("node", [path], how) });
const checks = [
  { name: "lint", run: (how) => pnpm(["lint"], how) },
  { name: "workspace lint", run: (how) => pnpm(["lint:workspace"], how) },
  { name: "types", run: (how) => pnpm(["typecheck"], how) },
  script("manifests", "scripts/checks/manifests.mjs"),
  script("bundled libraries", "scripts/checks/bundled.mjs"),
  script("dependencies", "scripts/checks/dependencies.mjs"),
  script("public names", "scripts/checks/surfaces.mjs"),
  script("errors", "scripts/checks/errors.mjs"),
  script("workflows", "scripts/checks/workflows.mjs"),
  script("commands in pages", "scripts/checks/pages.mjs"),
  {
    name: "options",
    run: (how) =>
      run("node", ["--conditions=@csl/source", "--import", "tsx", "scripts/checks/options.mjs"], {
        capture: true,
        ...how,
      }),
    count: countClosingLine,
  },
];
const conformance = (how) =>
  pnpm(["--filter", "@csl/tfjs-backend-torch", "conformance", "--where-available"], {
    capture: true,
    ...how,
  });
const torchConformance = [
  {
    name: "torch conformance",
    run: conformance,
    count(result) {
      torchIsHere = !/^left out: /m.test(result.output);
      return countClosingLine(result);
    },
  },
  {
    name: "torch conformance on a device without hardware",
    run: (how) => conformance({ ...how, env: { CSL_TORCH_TEST_DEVICE: "fake" } }),
    count: countClosingLine,
  },
];
const unitTests = { name: "unit tests", run: (how) => vitest([], how), count: countVitest };
const onTorch = (name, config) => ({
  name,
  run: (how) => (torchIsHere ? vitest(["--config", config], how) : leftOut("no libtorch", how)),
  count: () => (torchIsHere ? countVitest() : { passed: 0, failed: 0, skipped: 1 }),
});
const onSecondLibtorch = {
  name: "process groups on a second libtorch",
  run: (how) =>
    secondLibtorch
      ? vitest([processGroups, "-t", withoutEngine], { ...how, env: { LIBTORCH: secondLibtorch } })
      : leftOut("no CSL_SECOND_LIBTORCH", how),
  count: () => (secondLibtorch ? countVitest() : { passed: 0, failed: 0, skipped: 1 }),
};
const published = [
  { name: "build", run: (how) => pnpm(["build", "--output-logs=errors-only"], how) },
  { name: "packages as published", run: (how) => pnpm(["check", "--output-logs=errors-only"], how) },
  { name: "browser size", run: (how) => pnpm(["size"], how) },
  {
    name: "integrations",
    run: (how) => run("node", ["integrations/run.mjs", ...browserFlags()], { capture: true, ...how }),
    count: countClosingLine,
  },
];
const docs = { name: "docs", run: (how) => pnpm(["docs:site"], how) };
const example = (name, ...words) => ({ name, run: (how) => pnpm(["--filter", ...words], how) });
const examples = [
  example("OpenImages, miniature", "@csl/example-openimages-train", "start", "--smoke"),
  example("LVIS, miniature", "@csl/example-lvis-train", "start", "--smoke"),
];
/** On the models of the small quick start. */
const browserExample = {
  name: "browser example",
  run: (how) => vitest(["--root", "examples/browser"], how),
  count: countVitest,
};
const quickStart = example("quick start, small", "@csl/example-quickstart", "start", "--small");

/**
 * One stage after the other. The lanes of a stage run beside one another, since most steps keep one core busy and CI has two;
 * vitest takes all of them by itself. Conformance, before the unit tests, compiles the binding that they load.
 */
const stages = [
  [checks, torchConformance],
  [[unitTests]],
  [
    [
      onTorch("the project's tests on torch", torchConfig),
      onTorch("torch on a device without hardware", deviceConfig),
    ],
  ],
  [published, [onSecondLibtorch, docs]],
  [[quickStart, browserExample], examples],
];

await install();
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
for (const lanes of stages) {
  const hold = lanes.length > 1;
  await Promise.all(
    lanes.map(async (steps) => {
      for (const step of steps) await take(step, { hold });
    }),
  );
}
if (failures.length > 0) console.log(`\nFailed: ${failures.join(", ")}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);

/** Runs a step and counts it. Its output comes at its end where another lane would write into it. */
async function take(step, { hold }) {
  if (!hold) console.log(`\n── ${step.name}`);
  const start = Date.now();
  const result = await step.run({ hold });
  const seconds = `${((Date.now() - start) / 1000).toFixed(0)} s`;
  console.log(
    hold ? `\n── ${step.name} (${seconds})\n${result.output.trimEnd()}` : `(${step.name}: ${seconds})`,
  );
  const counts = step.count?.(result) ?? {
    passed: result.code === 0 ? 1 : 0,
    failed: result.code === 0 ? 0 : 1,
    skipped: 0,
  };
  if (result.code !== 0 && counts.failed === 0) counts.failed = 1;
  for (const key of Object.keys(total)) total[key] += counts[key];
  if (counts.failed > 0) failures.push(step.name);
}

function leftOut(why, { hold }) {
  const output = `left out: ${why}`;
  if (!hold) console.log(output);
  return { code: 0, output };
}

/** Without Chromium the page of the browser integration is skipped, and the closing line says so. */
function browserFlags() {
  if (spawnSync("chromium", ["--version"]).status === 0) return [];
  console.log("no chromium here (apt-get install chromium): the browser integration is skipped");
  return ["--skip-browser"];
}

function vitest(words, how) {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return pnpm(["exec", "vitest", "run", ...words, ...reporters], how);
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
