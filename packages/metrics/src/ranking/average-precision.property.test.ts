import fc from "fast-check";
import { expect, test } from "vitest";
import { averagePrecision, averagePrecisionInterval } from "./average-precision.js";
import { evaluate } from "./evaluate.js";
import { MetricAccumulator } from "./metric-accumulator.js";

/** AP from its definition, by comparing every positive with every entry. */
function definition(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  let sum = 0;
  let positives = 0;
  for (let i = 0; i < scores.length; i++) {
    if (labels[i] !== 1) continue;
    positives++;
    let found = 0;
    let seen = 0;
    for (let j = 0; j < scores.length; j++) {
      if (labels[j] === -1 || scores[j]! < scores[i]!) continue;
      seen++;
      if (labels[j] === 1) found++;
    }
    sum += found / seen;
  }
  return positives === 0 ? 0 : sum / positives;
}

const label = fc.constantFrom(1, 0, 0, 0, -1);
// Few distinct values, so that ties are common, and the full range with signs.
const tiedScore = fc.integer({ min: -4, max: 4 }).map((v) => v / 4);
const anyScore = fc.float({ noNaN: true });
const entries = fc.array(fc.tuple(fc.oneof(tiedScore, anyScore), label), { minLength: 1, maxLength: 700 });

const split = (pairs: [number, number][]) => ({
  scores: Float32Array.from(pairs, ([score]) => score),
  labels: Int8Array.from(pairs, ([, state]) => state),
});

test("equals the definition", () => {
  fc.assert(
    fc.property(entries, (pairs) => {
      const { scores, labels } = split(pairs);
      expect(averagePrecision(scores, labels)).toBeCloseTo(definition(scores, labels), 12);
      expect(averagePrecision(Float64Array.from(scores), labels)).toBeCloseTo(definition(scores, labels), 12);
    }),
    { numRuns: 150 },
  );
});

test("dense scores take the search path and still equal the definition", () => {
  // Most entries lie within a few float steps of 1, one positive far below: all of them share a bucket.
  const dense = fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.constantFrom(1, 0)), {
    minLength: 300,
    maxLength: 600,
  });
  fc.assert(
    fc.property(dense, (pairs) => {
      const scores = Float32Array.from([1e-30, ...pairs.map(([step]) => 1 - step * 2 ** -24)]);
      const labels = Int8Array.from([1, ...pairs.map(([, state]) => state)]);
      expect(averagePrecision(scores, labels)).toBeCloseTo(definition(scores, labels), 12);
    }),
    { numRuns: 20 },
  );
});

test("does not depend on the order of the samples, in either tie mode", () => {
  fc.assert(
    fc.property(entries, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (pairs, random) => {
      const shuffled = pairs
        .map((pair) => ({ pair, at: random.next().value }))
        .sort((a, b) => a.at - b.at)
        .map(({ pair }) => pair);
      const a = split(pairs);
      const b = split(shuffled);
      for (const ties of ["grouped", "rank"] as const) {
        expect(averagePrecision(b.scores, b.labels, { ties })).toBe(
          averagePrecision(a.scores, a.labels, { ties }),
        );
      }
    }),
    { numRuns: 50 },
  );
});

test("does not change under a rising transform of the scores", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(tiedScore, label), { minLength: 1, maxLength: 200 }), (pairs) => {
      const { scores, labels } = split(pairs);
      const logistic = scores.map((score) => 1 / (1 + Math.exp(-8 * score)));
      expect(averagePrecision(logistic, labels)).toBe(averagePrecision(scores, labels));
    }),
    { numRuns: 50 },
  );
});

test("the rank value is the worst order, the grouped one lies in the interval", () => {
  fc.assert(
    fc.property(entries, (pairs) => {
      const { scores, labels } = split(pairs);
      fc.pre(labels.includes(1));
      const { worst, grouped, best, tiedShare } = averagePrecisionInterval(scores, labels);
      expect(averagePrecision(scores, labels, { ties: "rank" })).toBeCloseTo(worst, 7);
      expect(worst).toBeLessThanOrEqual(grouped + 1e-12);
      if (tiedShare === 0) expect(best).toBeCloseTo(worst, 12);
      // Positives that share a score all get the precision of the last of them, which may exceed the best order's mean.
      const positives = Array.from(scores).filter((_, i) => labels[i] === 1);
      if (new Set(positives).size === positives.length) expect(grouped).toBeLessThanOrEqual(best + 1e-12);
    }),
    { numRuns: 150 },
  );
});

test("the accumulator equals the one-shot call, however the samples are cut", () => {
  const matrix = fc
    .record({ classes: fc.integer({ min: 1, max: 19 }), rows: fc.integer({ min: 1, max: 300 }) })
    .chain(({ classes, rows }) =>
      fc.record({
        classes: fc.constant(classes),
        pairs: fc.array(fc.tuple(tiedScore, label), {
          minLength: rows * classes,
          maxLength: rows * classes,
        }),
        cuts: fc.array(fc.integer({ min: 0, max: rows }), { maxLength: 5 }),
      }),
    );
  fc.assert(
    fc.property(matrix, ({ classes, pairs, cuts }) => {
      const { scores, labels } = split(pairs);
      const options = { emptyClass: "zero", micro: true, samples: true } as const;
      const whole = evaluate({ scores, labels, numClasses: classes, ...options });
      const accumulator = new MetricAccumulator(options);
      const edges = [0, ...cuts.sort((a, b) => a - b), pairs.length / classes];
      for (let i = 1; i < edges.length; i++) {
        const from = edges[i - 1]! * classes;
        const to = edges[i]! * classes;
        accumulator.add(scores.subarray(from, to), labels.subarray(from, to), edges[i]! - edges[i - 1]!);
      }
      const streamed = accumulator.compute();
      // Sums over samples are taken in the same order, so even those are equal bit for bit.
      expect(streamed).toEqual(whole);
      whole.perClass.forEach(({ ap }, c) => {
        const column = pairs.filter((_, i) => i % classes === c);
        const own = split(column);
        expect(ap).toBeCloseTo(definition(own.scores, own.labels), 12);
      });
    }),
    { numRuns: 25 },
  );
});
