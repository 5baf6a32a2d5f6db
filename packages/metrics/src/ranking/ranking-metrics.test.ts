import { readFileSync } from "node:fs";
import { expectAllClose } from "@csl/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RankingAccumulator, rankingMetrics } from "./ranking-metrics.js";

const golden = JSON.parse(readFileSync(new URL("../../fixtures/decisions.json", import.meta.url), "utf8"));

test("equals scikit-learn on every sample's annotated classes", () => {
  const { lrap, coverage, rankingLoss, numSamples } = rankingMetrics({
    scores: Float32Array.from(golden.logits),
    labels: Int8Array.from(golden.labels),
    numClasses: golden.numClasses,
  });
  expectAllClose([lrap!, coverage!, rankingLoss!], [golden.lrap, golden.coverage, golden.rankingLoss], {
    rtol: 1e-12,
  });
  expect(numSamples).toBe(148);
});

test("one sample by hand: unknown classes have no rank, equal scores share the last one", () => {
  // Ranked: 0.9 -, 0.8 + and 0.8 -, 0.5 +, and an un-annotated 0.7 in between.
  const sample = { scores: [0.8, 0.9, 0.7, 0.8, 0.5], labels: [1, 0, -1, 0, 1], numClasses: 5 };
  // Precision 1/3 at the first positive, 2/4 at the second; all four ranks cover it; every pair is wrong or equal.
  expect(rankingMetrics(sample)).toEqual({
    lrap: (1 / 3 + 2 / 4) / 2,
    coverage: 4,
    rankingLoss: 1,
    numSamples: 1,
    oneSided: 0,
  });
});

test("samples with one kind of label count as scikit-learn counts them, or not at all", () => {
  // The second has positives only, the third negatives only, the fourth nothing.
  const scores = [0.1, 0.9, 0.5, 0.4, 0.3, 0.2, 0.6, 0.7];
  const labels = [1, 0, 1, 1, 0, -1, -1, -1];
  const counted = rankingMetrics({ scores, labels, numClasses: 2 });
  expect(counted).toEqual({
    lrap: (0.5 + 1 + 1) / 3,
    coverage: (2 + 2 + 0) / 3,
    rankingLoss: 1 / 3,
    numSamples: 3,
    oneSided: 2,
  });
  const skipped = rankingMetrics({ scores, labels, numClasses: 2, oneSided: "skip" });
  expect([skipped.lrap, skipped.coverage, skipped.rankingLoss]).toEqual([0.5, 4 / 3, 1]);
  const nothing = rankingMetrics({ scores: [1], labels: [-1], numClasses: 1 });
  expect(nothing).toEqual({ lrap: null, coverage: null, rankingLoss: null, numSamples: 0, oneSided: 0 });
});

test("equals the definition, and batches equal one piece", () => {
  const entry = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.constantFrom(1, 0, -1));
  const rows = fc.array(fc.array(entry, { minLength: 7, maxLength: 7 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(rows, (rows) => {
      const metrics = new RankingAccumulator(7);
      let [lrap, coverage, loss, count] = [0, 0, 0, 0];
      for (const row of rows) {
        metrics.add(
          row.map(([s]) => s),
          row.map(([, y]) => y),
        );
        const known = row.filter(([, y]) => y >= 0);
        if (known.length === 0) continue;
        count++;
        const positives = known.filter(([, y]) => y === 1);
        const negatives = known.filter(([, y]) => y === 0);
        const rank = (among: typeof known, score: number) => among.filter(([s]) => s >= score).length;
        const precisions = positives.map(([s]) => rank(positives, s) / rank(known, s));
        const oneSided = positives.length === 0 || negatives.length === 0;
        lrap += oneSided ? 1 : precisions.reduce((a, b) => a + b, 0) / positives.length;
        coverage += Math.max(0, ...positives.map(([s]) => rank(known, s)));
        const wrong = positives.reduce((sum, [s]) => sum + rank(negatives, s), 0);
        loss += oneSided ? 0 : wrong / (positives.length * negatives.length);
      }
      fc.pre(count > 0);
      const result = metrics.compute();
      expectAllClose(
        [result.lrap!, result.coverage!, result.rankingLoss!],
        [lrap / count, coverage / count, loss / count],
        { rtol: 1e-12, atol: 1e-12 },
      );
    }),
    { numRuns: 100 },
  );
});

test("bad input is named", () => {
  expect(() => rankingMetrics({ scores: [1, Number.NaN], labels: [1, 0], numClasses: 2 })).toThrow(
    "got NaN at sample 0, class 1",
  );
  expect(() => rankingMetrics({ scores: [1, 2], labels: [1, 5], numClasses: 2 })).toThrow(
    "got 5 at sample 0, class 1",
  );
  expect(() => new RankingAccumulator(0)).toThrow("expected numClasses to be a positive whole number, got 0");
  expect(() => new RankingAccumulator(2, { oneSided: "drop" as "skip" })).toThrow(
    'expected oneSided to be "count" or "skip"',
  );
});
