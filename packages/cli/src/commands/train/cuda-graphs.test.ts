import { loadCheckpoint } from "@csl/checkpoints";
import type { CaptureStep } from "@csl/engine";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import { runCommand } from "../../run-command.js";

const { at } = temporaryFolder();
let runs = 0;

const counting: CaptureStep = (step) => {
  let results: tf.Tensor[] = [];
  return {
    run(inputs) {
      runs++;
      tf.dispose(results);
      results = tf.tidy(() => step([...inputs])).map((tensor) => tf.keep(tensor));
      return results;
    },
    dispose: () => tf.dispose(results),
  };
};
const offered: { captureStep?: CaptureStep } = {};
vi.mock("../../engine/start-command-engine.js", async (original) => {
  const { startCommandEngine } = await original<typeof import("../../engine/start-command-engine.js")>();
  const start: typeof startCommandEngine = async (...given) => ({
    ...(await startCommandEngine(...given)),
    ...offered,
  });
  return { startCommandEngine: start };
});

const csl = (...args: (string | number)[]): Promise<void> => {
  const silent = { write: () => {} };
  return runCommand(args.map(String), { out: silent, err: silent });
};
const train = (to: string, ...args: string[]): Promise<void> =>
  csl(
    ...["train", "--data", at("scenes"), "--workers", 0, "--batch-size", 8, "--epochs", 1],
    ...[
      "--model-name",
      "tresnet_tiny",
      "--image-size",
      64,
      "--augment",
      "none",
      "--path-dest",
      at(to),
      ...args,
    ],
  );

// The engine of the machine, not of a flag: with --engine wasm the flags alone are refused.
beforeEach(() => {
  vi.stubEnv("CSL_ENGINE", "wasm");
});

beforeAll(async () => {
  await csl("scenes", at("scenes"), "--train", 20, "--val", 16, "--ood", 0, "--classes", 3);
});

it("--cuda-graphs trains through the engine's captureStep, to the same weights", async () => {
  offered.captureStep = counting;
  await train("with", "--cuda-graphs");
  expect(runs).toBe(2);
  await train("without");
  expect(runs).toBe(2);
  const [one, other] = await Promise.all(
    ["with", "without"].map((name) => loadCheckpoint(at(name, "last.safetensors"))),
  );
  expect(one!.state).toEqual(other!.state);
});

it("--cuda-graphs on an engine without them is an error with the way out", async () => {
  delete offered.captureStep;
  await expect(train("bad", "--cuda-graphs")).rejects.toThrow(
    /an engine that replays CUDA graphs for --cuda-graphs, got wasm on .*leave --cuda-graphs out/,
  );
});
