import { expect, test } from "vitest";
import { selective } from "./selective.js";

/** Weights of a batch given as rows. */
function weights(options: Parameters<typeof selective>[0], logits: number[][], labels: number[][]): number[] {
  const out = new Float32Array(logits.flat().length);
  const shape = { rows: logits.length, classes: logits[0]!.length };
  selective(options).weighValues({ logits: logits.flat(), labels: labels.flat(), ...shape }, out);
  return [...out];
}

const logits = [
  [3, 2, 1],
  [0, -1, -2],
];
const open = [
  [-1, -1, -1],
  [-1, -1, -1],
];

test("batch scope pools topK · batch picks, sample scope gives each row its own", () => {
  expect(weights({ topK: 1 }, logits, open)).toEqual([0, 0, 1, 1, 1, 1]);
  expect(weights({ topK: 1, topKScope: "sample" }, logits, open)).toEqual([0, 1, 1, 0, 1, 1]);
});

test("picks are spent on classes the prior ignores, unless they are spared", () => {
  const prior = [0.9, 0, 0];
  expect(weights({ topK: 1, prior }, logits, open)).toEqual([0, 0, 1, 0, 1, 1]);
  expect(weights({ topK: 1, prior, spareIgnored: true }, logits, open)).toEqual([0, 0, 0, 0, 1, 1]);
});

test("annotated entries always count, whatever prior and rank say", () => {
  const labels = [
    [1, 0, -1],
    [0, 1, 1],
  ];
  expect(weights({ topK: 9, prior: [1, 1, 1] }, logits, labels)).toEqual([1, 1, 0, 1, 1, 1]);
});

test("the prior test is strict and in float32: 0.05 is not over 0.05, and a threshold of 0 counts", () => {
  expect(weights({ topK: 0, prior: [0.05, 0.06, 0], priorThreshold: 0.05 }, logits, open)).toEqual([
    1, 0, 1, 1, 0, 1,
  ]);
  expect(weights({ topK: 0, prior: [0.05, 0.06, 0], priorThreshold: 0 }, logits, open)).toEqual([
    0, 0, 1, 0, 0, 1,
  ]);
});

test("a prior with ids follows classIds, not its own order", () => {
  const prior = { ids: ["c", "a", "b"], values: Float32Array.of(0, 0.9, 0) };
  expect(weights({ topK: 0, prior, classIds: ["a", "b", "c"] }, logits, open)).toEqual([0, 1, 1, 0, 1, 1]);
  expect(() => selective({ prior, classIds: ["a", "b"] })).toThrow("not among the classes: c");
});

test("a large pool picks what sorting by logit and index picks", () => {
  const n = 3000;
  const values = Array.from({ length: n }, (_, i) => (i * 7919) % 499); // many ties
  const picked = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b).slice(0, 700);
  const expected = values.map(() => 1);
  for (const i of picked) expected[i] = 0;
  expect(weights({ topK: 700 }, [values], [values.map(() => -1)])).toEqual(expected);
});

test.each([
  [{ topK: -1 }, "topK to be a whole number >= 0, got -1"],
  [{ topK: 1.5 }, "topK to be a whole number >= 0, got 1.5"],
  [{ topKScope: "image" as "batch" }, 'topKScope batch or sample, got "image"'],
  [{ priorThreshold: Number.NaN }, "finite priorThreshold, got NaN"],
  [{ prior: [0.5, Number.NaN] }, "prior values in [0, 1], got NaN for class 1"],
  [{ prior: [0.5, 1.5] }, "prior values in [0, 1], got 1.5 for class 1"],
])("refuses %o", (options, message) => {
  expect(() => selective(options)).toThrow(message);
});
