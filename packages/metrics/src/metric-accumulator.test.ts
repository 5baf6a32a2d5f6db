import { expect, test } from "vitest";
import { evaluate } from "./evaluate.js";
import { MetricAccumulator } from "./metric-accumulator.js";

const scores = Float32Array.from([0.9, 0.2, 0.3, 0.8, 0.6, 0.7]);
const labels = Int8Array.from([1, 0, 0, 1, -1, 0]);

test("computes in between and goes on", () => {
  const metrics = new MetricAccumulator();
  metrics.add(scores.subarray(0, 4), labels.subarray(0, 4), 2);
  expect(metrics.compute().mapC).toBe(1);
  metrics.add(scores.subarray(4), labels.subarray(4), 1);
  metrics.add(new Float32Array(0), new Int8Array(0), 0);
  expect(metrics.compute()).toEqual(evaluate({ scores, labels, numClasses: 2 }));
  expect(metrics.compute()).toEqual(metrics.compute());
  metrics.reset();
  expect(metrics.numSamples).toBe(0);
});

test("a bad batch is refused as a whole", () => {
  const metrics = new MetricAccumulator({ samples: true });
  metrics.add(scores, labels, 3);
  const before = metrics.compute();
  const withNaN = scores.slice();
  withNaN[5] = Number.NaN;
  expect(() => metrics.add(withNaN, labels, 3)).toThrow(
    "MetricAccumulator.add: expected scores that can be ranked, got NaN at sample 2, class 1",
  );
  expect(() => metrics.add(scores, Int8Array.from([1, 0, 0, 1, 0, 3]), 3)).toThrow(
    "got 3 at sample 2, class 1",
  );
  expect(() => metrics.add(scores, labels, 2)).toThrow("expected 2 x 2 = 4 scores, got 6");
  expect(() => metrics.add(scores, labels.subarray(1), 3)).toThrow("expected as many labels as scores");
  expect(() => metrics.add([0.1] as unknown as Float32Array, [1], 1)).toThrow(
    "expected scores as Float32Array, got Array",
  );
  expect(metrics.compute()).toEqual(before);
});

test("nothing added: an error instead of a NaN", () => {
  expect(() => new MetricAccumulator().compute()).toThrow("expected at least one sample, got none");
  expect(() => new MetricAccumulator().add(new Float32Array(3), new Int8Array(3), 0)).toThrow(
    "MetricAccumulator.add",
  );
});
