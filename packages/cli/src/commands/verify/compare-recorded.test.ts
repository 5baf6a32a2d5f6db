import { mulberry32 } from "@csl/internal/random/mulberry32";
import { evaluate } from "@csl/metrics";
import { expect, it } from "vitest";
import { compareRecorded } from "./compare-recorded.js";

const [rows, ids] = [200, ["a", "b", "c"]];
const random = mulberry32(4);
const labels = Int8Array.from({ length: rows * ids.length }, () => Number(random() < 0.3));
const scores = Float32Array.from(labels, (label) => label + 3 * random());
const recorded = recordOf(scores);

function recordOf(own: Float32Array) {
  const { mapC, mapO, perClass } = evaluate({ scores: own, labels, numClasses: ids.length });
  return { mapC, mapO, ap: Object.fromEntries(perClass.map(({ ap }, index) => [ids[index]!, ap])) };
}

it("same scores are the same", () => {
  expect(compareRecorded(recorded, { scores, labels, ids }, { coarse: false })).toMatchObject({
    verdict: "same",
    mapC: recorded.mapC,
  });
});

it("scores that are rounded otherwise are within noise, though classes rank otherwise", () => {
  const noise = mulberry32(5);
  const rounded = scores.map((score) => score + 3e-3 * (noise() - 0.5));
  expect(recordOf(rounded).mapC).not.toBe(recorded.mapC);
  expect(compareRecorded(recorded, { scores: rounded, labels, ids }, { coarse: false }).verdict).toBe(
    "within noise",
  );
});

it("scores that differ by more are different, and the class is named; bf16 rounds more", () => {
  const moved = scores.map((score, i) => (i % 3 === 1 ? score + 0.15 * (labels[i] ? 1 : -1) : score));
  const found = compareRecorded(recorded, { scores: moved, labels, ids }, { coarse: false });
  expect(found.verdict).toBe("different");
  expect(found.differences).toEqual([expect.stringMatching(/in 1 of 3 classes: b \d+\.\d\d → \d+\.\d\d$/)]);
  expect(compareRecorded(recorded, { scores: moved, labels, ids }, { coarse: true }).verdict).toBe(
    "within noise",
  );
});
