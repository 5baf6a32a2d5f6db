import { ClassList, labelTableFromDense } from "@csl/labels";
import type { Prior } from "@csl/partial-loss";
import { expect, it } from "vitest";
import { readFlags } from "../../../flags/read-flags.js";
import { createTerminal } from "../../../terminal/terminal.js";
import { trainFlags } from "../train-flags.js";
import { chooseLoss } from "./choose-loss.js";

const ids = ["often", "seldom"];
const classes = ClassList.from(ids.map((id) => ({ id, name: id })));

/** 100 samples; in each class the first `positives` are present, the next `negatives` absent, the others un-annotated. */
const table = (positives: number[], negatives: number[]) =>
  labelTableFromDense(
    classes,
    Array.from({ length: 100 }, (_, sample) => `${sample}`),
    Array.from({ length: 100 }, (_, sample) =>
      ids.map((_, c) => (sample < positives[c]! ? 1 : sample < positives[c]! + negatives[c]! ? 0 : -1)),
    ).flat(),
  );
const sought = table([10, 10], [10, 10]);
/** Nine of ten entries are missing, whatever they show. */
const fair = table([5, 1], [5, 9]);
const prior: Prior = { ids, values: Float32Array.of(0.6, 0.3) };

async function choose(labels: typeof sought, flags: Record<string, unknown>, given?: Prior) {
  const data = new URL(".", import.meta.url).pathname;
  const options = await readFlags("csl train", trainFlags, { data, "partial-loss-mode": "auto", ...flags });
  let told = "";
  const terminal = createTerminal({ write: () => {} }, { write: (text) => (told += text) });
  const chosen = chooseLoss(options, { labels, validation: table([0, 0], [0, 0]), prior: given }, terminal);
  return { ...chosen, told };
}

const auto = { "prior-threshold": "auto", "likelihood-topk": "auto" };

it("tells mode, threshold and number, each in a line, and gives them with their reasons", async () => {
  const { loss, choices, told } = await choose(sought, auto, prior);
  // As in the closed form of @csl/partial-loss: frequencies 0.4 and 0.1, 0.3 missed positives a sample.
  expect(loss).toEqual({ partialLossMode: "selective", priorThreshold: 0.45, likelihoodTopk: 0 });
  expect(Object.keys(choices)).toEqual(["partialLossMode", "priorThreshold", "likelihoodTopk"]);
  const lines = told.trim().split("\n");
  expect(lines[0]).toMatch(/^mode: selective\. The .*positives were searched for/);
  expect(lines[1]).toMatch(/^prior threshold: 0\.45\. It ignores 1 of 2 classes, .* times 0\.56/);
  expect(lines[2]).toMatch(
    /^likelihood top-k: 0\. An image is expected to miss 0\.30 positives of all classes/,
  );
  for (const { reason } of Object.values(choices)) expect(told).toContain(reason.slice(1));
});

it("without a prior the mode is the better of the plain ones", async () => {
  expect(await choose(sought, auto)).toMatchObject({ loss: { partialLossMode: "negative" } });
  expect(await choose(fair, auto)).toMatchObject({ loss: { partialLossMode: "ignore" } });
});

it.each<[string, Record<string, unknown>, number, RegExp]>([
  ["fair annotations tell how many are missing", auto, 1, /miss 0\.54 positives/],
  ["else one an image", { ...auto, labels: "sought" }, 1, /nothing tells how many/],
])("selective without a prior: %s", async (_, { labels, ...flags }, topK, reason) => {
  const table = labels === "sought" ? sought : fair;
  const { loss, choices } = await choose(table, { ...flags, "partial-loss-mode": "selective" });
  expect(loss).toMatchObject({ priorThreshold: 1, likelihoodTopk: topK });
  expect(choices.likelihoodTopk!.reason).toMatch(reason);
});

it("what a person gives stays, and nothing is told", async () => {
  const flags = { "partial-loss-mode": "selective", "prior-threshold": 0.2, "likelihood-topk": 7 };
  expect(await choose(sought, flags, prior)).toEqual({
    loss: { partialLossMode: "selective", priorThreshold: 0.2, likelihoodTopk: 7 },
    choices: {},
    told: "",
  });
});
