// Runs TensorFlow.js core's own test suite against the torch backend, float32, and prints what passed, what failed and
// what was left out for which reason.
//
//   pnpm conformance [substring] [--where-available]
//   CSL_TORCH_TEST_DEVICE=fake pnpm conformance        on a device without hardware; =cuda on a GPU
//
// `substring` takes the specs whose name holds it. Without libtorch it fails, or, with --where-available, leaves the suite out.

import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const { values: flags, positionals } = parseArgs({
  options: { "where-available": { type: "boolean", default: false } },
  allowPositionals: true,
});
const [filter = ""] = positionals;
const { forwardedKernels, probeTorch, startTorch, TorchBackend } = await import(
  pathToFileURL(join(here, "../src/index.ts")).href
);
const { prepareTestDevice, startedDevice } = await import(
  pathToFileURL(join(here, "../test/test-device.ts")).href
);
if (flags["where-available"]) {
  const { available, detail, hint } = await probeTorch();
  if (!available) {
    console.log(`left out: ${detail}. To get it: ${hint}\n0 passed, 0 failed, 1 skipped`);
    process.exit();
  }
}
const folder = join(here, "../node_modules/.conformance");
await mkdir(folder, { recursive: true });

// The suite is extension-less ESM that Node cannot import; bundled with every annotation ignored, or its tests would be
// dropped as unused. tfjs-core stays outside, so that suite and backend share one engine.
const entry = join(folder, "entry.js");
await writeFile(
  entry,
  `import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
setTestEnvs([{ name: 'torch', backendName: 'torch', flags: {}, isDataSync: true }]);
require('@tensorflow/tfjs-core/dist/tests');
`,
);
const bundle = join(folder, "suite.cjs");
await build({
  entryPoints: [entry],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "cjs",
  ignoreAnnotations: true,
  logLevel: "error",
  nodePaths: [join(here, "../node_modules")],
});

require("@tensorflow/tfjs-backend-cpu");
const { skips } = await import(pathToFileURL(join(here, "skips.mjs")).href);
const { checkHandles } = await import(pathToFileURL(join(here, "check-handles.mjs")).href);
checkHandles(TorchBackend);
await prepareTestDevice({ log: console.log });
console.log(await startTorch({ device: startedDevice, log: console.log }));

const Jasmine = require("jasmine");
const runner = new Jasmine();
runner.exitOnCompletion = false;
runner.loadConfig({ random: false });
const reasons = new Map(Object.keys(skips).map((reason) => [reason, 0]));
const skipReason = (name) =>
  Object.keys(skips).find((reason) => skips[reason].some((part) => name.includes(part)));
runner.env.configure({
  specFilter: (spec) => {
    const name = spec.getFullName();
    if (!name.includes(filter)) return false;
    const reason = skipReason(name);
    if (reason) reasons.set(reason, reasons.get(reason) + 1);
    return !reason;
  },
});
const counts = { passed: 0, failed: 0, pending: 0 };
const failures = [];
runner.clearReporters();
runner.addReporter({
  specDone({ status, fullName, failedExpectations }) {
    if (status === "excluded") return;
    counts[status] = (counts[status] ?? 0) + 1;
    if (status === "failed")
      failures.push(`${fullName}\n    ${failedExpectations[0].message.split("\n")[0].slice(0, 200)}`);
  },
});
require(bundle);
await runner.execute();
for (const failure of failures) console.log(failure);
console.log(`forwarded to the cpu backend: ${forwardedKernels().join(" ")}`);
for (const [reason, count] of reasons) if (count > 0) console.log(`left out, ${count}: ${reason}`);
if (counts.pending > 0) console.log(`left out, ${counts.pending}: the suite itself leaves them out (xit)`);
const left = [...reasons.values()].reduce((sum, count) => sum + count, 0);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${left + counts.pending} skipped`);
process.exit(counts.failed > 0 ? 1 : 0);
