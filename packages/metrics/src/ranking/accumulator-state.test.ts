import fc from "fast-check";
import { expect, test } from "vitest";
import { MetricAccumulator } from "./metric-accumulator.js";

const numClasses = 3;
const batches = fc.array(
  fc.array(fc.record({ score: fc.integer({ min: -9, max: 9 }), label: fc.constantFrom(1, 0, -1) }), {
    minLength: 2 * numClasses,
    maxLength: 2 * numClasses,
  }),
  { minLength: 1, maxLength: 8 },
);

test("however the samples are dealt to accumulators, the merged one gives the same results", () => {
  fc.assert(
    fc.property(batches, fc.integer({ min: 1, max: 4 }), (all, size) => {
      const whole = new MetricAccumulator({ samples: true });
      const parts = Array.from({ length: size }, () => new MetricAccumulator({ samples: true }));
      for (const [i, entries] of all.entries())
        for (const metrics of [whole, parts[i % size]!])
          metrics.add(
            Float32Array.from(entries, ({ score }) => score / 10),
            Int8Array.from(entries, ({ label }) => label),
            2,
          );
      // Bytes that begin anywhere, as those that came from elsewhere do.
      const states = parts.map((part) => {
        const state = part.state();
        const moved = new Uint8Array(state.length + 1);
        moved.set(state, 1);
        return moved.subarray(1);
      });
      const merged = new MetricAccumulator({ samples: true });
      for (const state of states) merged.merge(state);
      expect(merged.numSamples).toBe(whole.numSamples);
      const [a, b] = [merged.tryEvaluate({ micro: true }), whole.tryEvaluate({ micro: true })];
      // A mean over samples, added up in another order.
      expect(a?.samples ?? 0).toBeCloseTo(b?.samples ?? 0, 12);
      expect({ ...a, samples: 0 }).toEqual({ ...b, samples: 0 });
    }),
    { numRuns: 60 },
  );
});

test("an empty one adds nothing; another number of classes, other bytes and kept scores are refused", () => {
  const metrics = new MetricAccumulator();
  metrics.add(Float32Array.of(0.1, 0.2), [1, 0], 1);
  const before = metrics.state();
  metrics.merge(new MetricAccumulator().state());
  expect(metrics.state()).toEqual(before);
  const other = new MetricAccumulator();
  other.add(Float32Array.of(0.1), [1], 1);
  expect(() => metrics.merge(other.state())).toThrow("MetricAccumulator.merge: expected 2 classes, got 1.");
  for (const bytes of [new Uint8Array(3), new Uint8Array(40).fill(7), before.subarray(0, -4)])
    expect(() => metrics.merge(bytes)).toThrow(/expected the state of an accumulator, got \d+ bytes/);
  expect(metrics.state()).toEqual(before);
  for (const options of [{ keepUnannotated: true }, { folds: 5 }])
    expect(() => new MetricAccumulator(options).state()).toThrow("Leave them out.");
});
