import { readFileSync } from "node:fs";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { expectAllClose } from "@csl/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toLabelMatrix } from "../scores/label-matrix.js";
import { bootstrapMap } from "./bootstrap-map.js";
import { evaluate } from "./evaluate.js";
import { rankedRows, resampledPrecision } from "./resampled-map.js";

const golden = JSON.parse(readFileSync(new URL("../../fixtures/decisions.json", import.meta.url), "utf8"));
const matrix = {
  scores: Float32Array.from(golden.logits),
  labels: Int8Array.from(golden.labels),
  numClasses: golden.numClasses,
};
const noisy = matrix.scores.map((score, i) => score + 3 * Math.sin(i * 12.9898));

test("AP of one draw equals scikit-learn's with weights", () => {
  const labelled = toLabelMatrix("test", matrix.scores, matrix.labels, 6);
  const drawn = Uint8Array.from(golden.drawn);
  const aps = Array.from({ length: 6 }, (_, c) => resampledPrecision(rankedRows(labelled, c), drawn)!.ap);
  expectAllClose(aps, golden.drawnAp, { rtol: 1e-12 });
});

test("a draw is evaluate() on the drawn samples", () => {
  const score = fc.integer({ min: -4, max: 4 }).map((v) => v / 4);
  const entry = fc.tuple(score, fc.constantFrom(1, 0, 0, -1));
  const rows = fc.array(fc.array(entry, { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 25 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 0, max: 1000 }), (rows, seed) => {
      const of = (samples: typeof rows) => ({
        scores: Float32Array.from(samples.flat(), ([score]) => score),
        labels: Int8Array.from(samples.flat(), ([, label]) => label),
        numClasses: 3,
      });
      const random = mulberry32(seed);
      const resampled = of(rows.map(() => rows[Math.floor(random() * rows.length)]!));
      // evaluate() refuses a set without a class to score, as bootstrapMap does.
      const scorable = ({ scores, labels }: typeof resampled) =>
        [0, 1, 2].some((c) => [0, 1].every((y) => scores.some((_, i) => i % 3 === c && labels[i] === y)));
      fc.pre(scorable(resampled));
      const expected = evaluate(resampled);
      const own = bootstrapMap({ ...of(rows), draws: 1, seed });
      expect(own.mapC.value).toBeCloseTo(evaluate(of(rows)).mapC, 12);
      expect(own.mapO.value).toBeCloseTo(evaluate(of(rows)).mapO, 12);
      expect([own.mapC.low, own.mapC.high]).toEqual([own.mapC.low, own.mapC.low]);
      expect(own.mapC.low).toBeCloseTo(expected.mapC, 12);
      expect(own.mapO.low).toBeCloseTo(expected.mapO, 12);
    }),
    { numRuns: 100 },
  );
});

test("the interval of a mean: AP of one positive at the top, drawn or not", () => {
  // One class, every sample a positive ahead of one sure negative: AP is 1 in every draw that has both.
  const perfect = bootstrapMap({ scores: [3, 2, 1], labels: [1, 1, 0], numClasses: 1, draws: 200 });
  expect(perfect.mapC).toEqual({ value: 1, low: 1, high: 1, standardError: 0 });
  // A draw of three lacks the negative with (2/3)^3, or both positives with (1/3)^3: a third of the 200, binomially.
  expect(Math.abs(perfect.draws - 200 * (2 / 3))).toBeLessThan(4 * Math.sqrt(200 * (2 / 9)));
});

test("pairs: the difference is narrower than what the two intervals say", () => {
  const shifted = matrix.scores.map((score, i) => score + 0.5 * Math.sin(i * 12.9898));
  const result = bootstrapMap({ ...matrix, baseline: shifted, draws: 400, seed: 3 });
  const { mapC } = result.difference!;
  expect(mapC.value).toBeCloseTo(result.mapC.value - result.baseline!.mapC.value, 12);
  const independent = Math.hypot(result.mapC.standardError, result.baseline!.mapC.standardError);
  expect(mapC.standardError).toBeLessThan(independent / 2);
  expect(mapC.low).toBeLessThan(mapC.value);
  expect(mapC.high).toBeGreaterThan(mapC.value);

  const same = bootstrapMap({ ...matrix, baseline: matrix.scores, draws: 20 });
  expect(same.difference!.mapO).toEqual({ value: 0, low: 0, high: 0, standardError: 0, betterShare: 0.5 });
  const worse = bootstrapMap({ ...matrix, scores: noisy, baseline: matrix.scores, draws: 200 });
  expect(worse.difference!.mapC.high).toBeLessThan(0);
  expect(worse.difference!.mapC.betterShare).toBeLessThan(0.05);
});

test("the interval covers what new samples give, about as often as it says", () => {
  // mAP of 120 samples against the mAP of 20,000: 40 intervals at 80% hold it about 32 times.
  const random = mulberry32(11);
  const draw = (rows: number) => {
    const labels = Int8Array.from({ length: rows * 4 }, () => (random() < 0.4 ? 1 : 0));
    return { scores: Float32Array.from(labels, (y) => random() + random() + 0.5 * y), labels, numClasses: 4 };
  };
  const truth = evaluate(draw(20_000)).mapC;
  let covered = 0;
  for (let run = 0; run < 40; run++) {
    const { low, high } = bootstrapMap({ ...draw(120), draws: 100, level: 0.8, seed: run }).mapC;
    if (low <= truth && truth <= high) covered++;
  }
  expect(covered).toBeGreaterThanOrEqual(24);
  expect(covered).toBeLessThanOrEqual(39);
});

test("the seed decides, the same classes count as in evaluate()", () => {
  const run = (options: object) => bootstrapMap({ ...matrix, draws: 30, ...options });
  expect(run({ seed: 7 })).toEqual(run({ seed: 7 }));
  expect(run({ seed: 8 })).not.toEqual(run({ seed: 7 }));
  const options = { minPositives: 20, counts: (c: number) => c !== 4 };
  expect(run(options).mapC.value).toBeCloseTo(evaluate({ ...matrix, ...options }).mapC, 12);
});

test("bad input is named", () => {
  const bad = (change: object) => () => bootstrapMap({ ...matrix, draws: 10, ...change });
  expect(bad({ draws: 0 })).toThrow("bootstrapMap: expected draws to be a positive whole number, got 0");
  expect(bad({ level: 95 })).toThrow("expected level to be between 0 and 1, got 95");
  expect(bad({ seed: 0.5 })).toThrow("expected seed to be a whole number, got 0.5");
  expect(bad({ baseline: new Float32Array(6) })).toThrow("expected as many labels as scores (6), got 900");
  expect(bad({ labels: new Int8Array(900) })).toThrow(
    "expected at least one class with an annotated positive",
  );
});
