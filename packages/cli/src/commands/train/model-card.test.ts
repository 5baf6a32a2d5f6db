import { readFile } from "node:fs/promises";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, it } from "vitest";
import { readFlags } from "../../flags/read-flags.js";
import { outputKinds } from "../../outputs/output-kinds.js";
import { type CardFacts, modelCard } from "./model-card.js";
import { trainFlags } from "./train-flags.js";
import { modelCardWriter } from "./write-model-card.js";

const { folder, at } = temporaryFolder();

const counts = { images: 10, labels: "a".repeat(64), positives: 12, negatives: 8, unannotated: 0 };
const facts = async (more: Partial<CardFacts> = {}): Promise<CardFacts> => ({
  options: await readFlags("csl train", trainFlags, { data: import.meta.dirname, seed: 3 }),
  ...{ engine: "wasm", classes: { size: 2, names: ["cat", "a_dog | *"] }, body: undefined },
  data: { kind: "coco", training: counts, validation: counts },
  ...{ epochsDone: 2, best: undefined, validation: undefined },
  ...more,
});

describe("modelCard", () => {
  it("is recognised as one, and names random weights and missing scores as such", async () => {
    const card = modelCard(await facts());
    expect(card).toMatch(outputKinds.modelCard.begins);
    expect(card).toContain("Random weights, seed 3.");
    expect(card).toContain("No validation yet.");
    expect(card).toContain("after 2 of 30 epochs");
    expect(card).not.toContain("base_model");
  });

  it("writes names that Markdown would take for marks", async () => {
    expect(modelCard(await facts())).toContain("cat, a\\_dog \\| \\*");
  });

  it("has the scores of the weights that best.safetensors holds, beside those of random scores", async () => {
    const scores = { mapC: 0.5, mapO: 0.25, chance: { mapC: 0.125, mapO: 0.0625 } };
    const card = modelCard(
      await facts({
        best: { score: 0.5, weights: "ema", epoch: 1 },
        validation: { epoch: 1, raw: { chance: scores.chance }, ema: scores },
      }),
    );
    expect(card).toContain("with the averaged weights of epoch 2");
    expect(card).toContain("| mAP(C) | 50.00 | 12.50 |");
    expect(card).toContain("| mAP(O) | 25.00 | 6.25 |");
  });

  it.each([
    [4, 1],
    [7, 1],
    [8, 2], // trained to its end, its validation was not
  ])("continued after step %i of 8, says that %i epochs are done", async (step, done) => {
    const { epochsDone: _, best: __, validation: ___, ...known } = await facts();
    const write = modelCardWriter(folder, known);
    const start = { type: "start", epochs: 2, steps: 8, parameters: 1, epoch: 1, resumed: true } as const;
    await write({ ...start, step });
    await write({ type: "checkpoint", kind: "last", path: "last.safetensors" });
    expect(await readFile(at("MODEL_CARD.md"), "utf8")).toContain(`after ${done} of 30 epochs`);
  });

  it("names the license of each body, and says where none is known", async () => {
    const inner = {
      name: "tresnet_m.miil_in21k",
      sha256: "b",
      source: "https://h/timm/x/resolve/main/m",
      license: "Apache-2.0",
    };
    const card = modelCard(await facts({ body: { name: "best.safetensors", sha256: "c", body: inner } }));
    expect(card).toContain("- best.safetensors: not known\n- tresnet\\_m.miil\\_in21k: Apache-2.0\n");
    expect(modelCard(await facts({ body: inner }))).toContain("base_model: timm/x\n");
  });
});
