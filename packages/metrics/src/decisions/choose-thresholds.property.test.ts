import fc from "fast-check";
import { expect, test } from "vitest";
import { MetricAccumulator } from "../ranking/metric-accumulator.js";
import { chooseThresholds } from "./choose-thresholds.js";
import { summarizeDecisions } from "./decision-counts.js";
import { precisionRecallF1, precisionRecallF1At } from "./precision-recall-f1.js";
import { criterionValue, fBeta, recallAtPrecision, type ThresholdCriterion } from "./threshold-criterion.js";

const score = fc.oneof(
  fc.integer({ min: -6, max: 6 }).map((v) => v / 4),
  fc.float({ noNaN: true, min: -(2 ** 100) }),
  fc.constantFrom(Infinity, -Infinity),
);
const label = fc.constantFrom(1, 1, 0, 0, 0, -1);
const data = fc
  .record({ numClasses: fc.integer({ min: 1, max: 4 }), rows: fc.integer({ min: 5, max: 60 }) })
  .chain(({ numClasses, rows }) => {
    const length = { minLength: rows * numClasses, maxLength: rows * numClasses };
    return fc.record({
      numClasses: fc.constant(numClasses),
      scores: fc.array(score, length).map((values) => Float32Array.from(values)),
      labels: fc.array(label, length).map((values) => Int8Array.from(values)),
    });
  });
type Data = { scores: Float32Array; labels: Int8Array; numClasses: number };
const criterion = fc.constantFrom<ThresholdCriterion>(fBeta(1), fBeta(0.5), fBeta(2), recallAtPrecision(0.7));
const options = { emptyClass: "zero", folds: 4 } as const;

/** The samples whose number passes, in their order. */
function selectSamples({ scores, labels, numClasses }: Data, keep: (sample: number) => boolean): Data {
  const kept = (_: number, i: number) => keep(Math.floor(i / numClasses));
  return { scores: scores.filter(kept), labels: labels.filter(kept), numClasses };
}

test("no threshold is better than the chosen one", () => {
  fc.assert(
    fc.property(data, criterion, (given, criterion) => {
      const value = criterionValue(criterion);
      const { perClass, fitted } = chooseThresholds(given, { criterion, minPositives: 0, ...options });
      for (const { index, source, positives } of perClass) {
        if (source !== "own") continue;
        const reached = fitted.perClass[index]!;
        const best = value(reached.truePositives, reached.falsePositives, positives);
        const column = given.scores.filter((_, i) => i % given.numClasses === index);
        for (const threshold of column) {
          const other = precisionRecallF1({ ...given, threshold, emptyClass: "zero" }).perClass[index]!;
          if (other.truePositives === 0) continue;
          expect(value(other.truePositives, other.falsePositives, positives)).toBeLessThanOrEqual(
            best + 1e-12,
          );
        }
      }
    }),
    { numRuns: 100 },
  );
});

test("cross-fitting is: choose without a fold, decide on the fold, add up", () => {
  fc.assert(
    fc.property(data, criterion, fc.constantFrom(0, 3, 20), (given, criterion, minPositives) => {
      const all = { criterion, minPositives, ...options };
      const result = chooseThresholds(given, all);
      const sums = result.crossFitted.perClass.map(() => [0, 0, 0, 0]);
      for (let fold = 0; fold < 4; fold++) {
        const rest = selectSamples(given, (sample) => sample % 4 !== fold);
        // Nothing to choose from: the threshold of the whole set is taken, which this test leaves out.
        fc.pre(rest.labels.includes(0));
        fc.pre(rest.labels.some((own, i) => own === 1 && rest.scores[i] !== -Infinity));
        fc.pre(rest.labels.length >= 4 * given.numClasses);
        const { thresholds } = chooseThresholds(rest, { ...all, folds: 2 });
        const held = selectSamples(given, (sample) => sample % 4 === fold);
        const { perClass } = precisionRecallF1({ ...held, threshold: thresholds, emptyClass: "zero" });
        perClass.forEach((own, c) => {
          const counts = [own.truePositives, own.falsePositives, own.falseNegatives, own.trueNegatives];
          counts.forEach((count, i) => {
            sums[c]![i]! += count;
          });
        });
      }
      const column = (i: number) => Uint32Array.from(sums, (counts) => counts[i]!);
      const [truePositives, falsePositives, falseNegatives, trueNegatives] = [0, 1, 2, 3].map(column);
      const counts = { truePositives, falsePositives, falseNegatives, trueNegatives };
      const expected = summarizeDecisions(
        "test",
        counts as Required<Parameters<typeof summarizeDecisions>[1]>,
        options,
      );
      expect(result.crossFitted).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

test("decisions on kept scores equal those on the matrix", () => {
  fc.assert(
    fc.property(data, fc.array(score, { minLength: 4, maxLength: 4 }), (given, values) => {
      const threshold = values.slice(0, given.numClasses);
      const metrics = new MetricAccumulator({ folds: 3 });
      metrics.add(given.scores, given.labels, given.scores.length / given.numClasses);
      const expected = precisionRecallF1({ ...given, threshold, emptyClass: "zero" });
      expect(precisionRecallF1At(metrics, threshold, { emptyClass: "zero" })).toEqual(expected);
      expect(precisionRecallF1At(given, threshold, { emptyClass: "zero" })).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});
