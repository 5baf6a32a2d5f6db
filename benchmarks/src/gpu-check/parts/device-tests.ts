import { fileURLToPath } from "node:url";
import { runStep, StepError } from "../run-step.js";
import type { Part } from "./part.js";

/** What test-lines-reporter.mjs prints for each file. */
interface FileResult {
  file: string;
  counts: { passed: number; failed: number; skipped: number };
  failures: { test: string; message: string }[];
}

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const config = "packages/tfjs-backend-torch/conformance/device/vitest.config.mjs";
const reporter = fileURLToPath(new URL("test-lines-reporter.mjs", import.meta.url));

/** The torch package's tests of what it computes, on the device. */
export const deviceTestsPart: Part = {
  name: "device tests",
  share: 80,
  needsBinding: true,
  async run({ device }, signal) {
    const vitest = fileURLToPath(new URL("node_modules/vitest/vitest.mjs", `file://${root}`));
    const env = { ...process.env, CSL_TORCH_TEST_DEVICE: device };
    const args = [vitest, "run", "--config", config, "--reporter", reporter, "--maxWorkers", "4"];
    let reason: string | undefined;
    const text = await runStep(process.execPath, args, { signal, env, cwd: root }).catch((error: Error) => {
      reason = error.message;
      return error instanceof StepError ? error.stdout : "";
    });
    const files = text
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as FileResult);
    const total = (state: keyof FileResult["counts"]): number =>
      files.reduce((sum, { counts }) => sum + counts[state], 0);
    const failures = files.flatMap(({ file, failures: list }) => list.map((one) => ({ file, ...one })));
    if (files.length === 0) throw new Error(reason ?? "no test ran");
    return {
      lines: [
        `${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} left out, in ${files.length} files`,
        ...(reason !== undefined && failures.length === 0 ? [reason] : []),
        ...failures.map(({ file, test, message }) => `failed: ${file}: ${test}: ${message.split("\n")[0]}`),
      ],
      failed: failures.length > 0 || (reason !== undefined && !signal.aborted),
      data: { passed: total("passed"), failed: total("failed"), skipped: total("skipped"), failures },
    };
  },
};
