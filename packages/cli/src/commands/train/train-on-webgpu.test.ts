import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { partialLoss } from "@csl/partial-loss";
import { expectAllClose } from "@csl/test-support";
import { hasSoftwareGpu, noSoftwareGpu, useSoftwareGpu } from "@csl/test-support/software-gpu";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { train as trainModel } from "@csl/trainer";
import { createTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { variants } from "../../models/variants.js";
import { runCommand } from "../../run-command.js";

// A GPU played by the CPU takes seconds for a step of even this network: few steps, and the engines one after the other, as a
// backend compiles its kernels at their first use.
const { at } = temporaryFolder();
let said = "";
const context = { out: { write: () => {} }, err: { write: (text: string) => (said += text) } };

async function csl(...words: (string | number)[]): Promise<void> {
  await runCommand(words.map(String), context);
}

async function read(file: string): Promise<string> {
  return await readFile(file, "utf8");
}

/** Everything that computes, on one engine: losses, prior, score and tags. */
async function passes(engine: string, trainings: (string | number)[][]) {
  const [run, prior, scores, tags] = ["run", "prior.json", "scores.json", "tags"].map((name) =>
    at(`${engine}-${name}`),
  ) as [string, string, string, string];
  const data = ["--data", at("scenes"), "--workers", 0, "--batch-size", 4, "--engine", engine];
  for (const flags of trainings) {
    const network = ["--model-name", "tresnet_tiny", "--image-size", 64, "--augment", "none", "--epochs", 2];
    const method = ["--partial-loss-mode", "selective", "--likelihood-topk", 1, "--topk-scope", "sample"];
    await csl("train", ...data, ...network, ...method, "--path-dest", run, ...flags);
  }
  const model = ["--model-path", join(run, "best.safetensors")];
  await csl("estimate-prior", ...data, ...model, "--out", prior);
  await csl("evaluate", ...data, ...model, "--json", scores);
  await csl("infer", at("scenes", "val"), ...model, "--engine", engine, "--out", tags);
  const events = (await read(join(run, "log.jsonl")))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const { images } = JSON.parse(await read(join(tags, "tags.json")));
  return {
    losses: events.filter(({ type }) => type === "step").map(({ loss }) => loss as number),
    prior: (JSON.parse(await read(prior)).classes as { value: number }[]).map(({ value }) => value),
    mapC: JSON.parse(await read(scores)).mapC as number,
    tags: (images as { tags: { score: number }[] }[]).flatMap((image) =>
      image.tags.map(({ score }) => score),
    ),
  };
}

if (!hasSoftwareGpu) console.info(noSoftwareGpu);

describe.skipIf(!hasSoftwareGpu)("on webgpu, by SwiftShader", () => {
  beforeAll(async () => {
    useSoftwareGpu();
    await csl("scenes", at("scenes"), "--train", 4, "--val", 2, "--ood", 0, "--classes", 3);
  });

  it("csl train, its resume, estimate-prior, evaluate and infer give what wasm gives", async () => {
    const expected = await passes("wasm", [[]]);
    const checkpoint = at("webgpu-run", "last.safetensors");
    const got = await passes("webgpu", [
      ["--stop-epoch", 1],
      ["--resume", checkpoint],
    ]);
    expect(said).toMatch(/engine webgpu on SwiftShader/);
    expect(said).not.toMatch(/synchronously/);
    expect(got.losses).toHaveLength(2);
    expectAllClose(got.losses, expected.losses, { rtol: 1e-5 });
    expectAllClose(got.prior, expected.prior, { rtol: 1e-5 });
    expectAllClose(got.tags, expected.tags, { rtol: 1e-5 });
    expect(got.mapC).toBe(expected.mapC);
  }, 300_000);

  it("tensors and the GPU's memory stay as many from step to step", async () => {
    expect(tf.getBackend()).toBe("webgpu");
    const model = createTResNet({ variant: variants.tresnet_tiny, numClasses: 3 });
    const images = new Float32Array(4 * 64 * 64 * 3).map((_, i) => (i % 255) / 255);
    const labels = Float32Array.from([1, 0, -1, 0, 1, -1, -1, -1, 1, 0, 0, 1]);
    const batch = { images, labels, size: 4, height: 64, width: 64 };
    const held: object[] = [];
    const classes = { ids: ["a", "b", "c"], names: ["a", "b", "c"] };
    const task = { model, loss: partialLoss, classes, epochs: 1, batchesPerEpoch: 3 };
    const trainBatches = () => [batch, batch, batch];
    for await (const { type } of trainModel({ ...task, trainBatches }))
      if (type === "step") {
        const { numTensors, numBytes, ...rest } = tf.memory() as unknown as Record<string, number>;
        held.push({ numTensors, numBytes, used: rest.numBytesInGPU, allocated: rest.numBytesAllocatedInGPU });
      }
    expect(held).toHaveLength(3);
    expect(held[2]).toEqual(held[1]); // after the first step, in which moments and averages come to be
    model.dispose();
  }, 300_000);
});
