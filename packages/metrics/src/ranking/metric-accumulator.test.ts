import { mulberry32 } from "@csl/internal/random/mulberry32";
import { expect, test } from "vitest";
import { evaluate } from "./evaluate.js";
import { MetricAccumulator } from "./metric-accumulator.js";

const scores = Float32Array.from([0.9, 0.2, 0.3, 0.8, 0.6, 0.7]);
const labels = Int8Array.from([1, 0, 0, 1, -1, 0]);

test("computes in between and continues", () => {
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

test("tryEvaluate is evaluate with its own options; null without a class to score", () => {
  const metrics = new MetricAccumulator({ minPositives: 9, ties: "rank", keepUnannotated: true });
  metrics.add(scores, labels, 3);
  expect(() => metrics.compute()).toThrow("got none of 2");
  expect(metrics.tryEvaluate()).toEqual(evaluate({ scores, labels, numClasses: 2 }));
  const naive = { unannotated: "negative", micro: true } as const;
  expect(metrics.tryEvaluate(naive)).toEqual(evaluate({ scores, labels, numClasses: 2, ...naive }));
  expect(metrics.tryEvaluate({ minPositives: 2 })).toBeNull();

  const negative = new MetricAccumulator({ unannotated: "negative" });
  negative.add(scores, labels, 3);
  expect(negative.compute({ unannotated: "negative" })).toEqual(negative.compute());
  for (const ask of [() => negative.tryEvaluate(), () => negative.compute({ unannotated: "skip" })])
    expect(ask).toThrow('expected unannotated to be "negative"');
});

test("options that do not exist, and nested ones, are refused by their code", () => {
  const unknown = expect.objectContaining({ name: "CslError", code: "unknown-option" });
  const make = (options: object) => () => new MetricAccumulator(options);
  expect(make({ min_positives: 2 })).toThrow(unknown);
  expect(make({ keepUnannotated: { maxbytes: 1 } })).toThrow(unknown);
  expect(() => evaluate({ scores, labels, numClasses: 2, threshold: 1 } as never)).toThrow(unknown);
  const wrong = expect.objectContaining({ name: "CslError", code: "invalid-argument" });
  expect(() => evaluate({ scores, labels, numClasses: 4 })).toThrow(wrong);
  expect(() => evaluate(undefined as never)).toThrow(wrong);
});

test("nothing added: an error instead of a NaN", () => {
  expect(() => new MetricAccumulator().compute()).toThrow("expected at least one sample, got none");
  expect(() => new MetricAccumulator().add(new Float32Array(3), new Int8Array(3), 0)).toThrow(
    "MetricAccumulator.add",
  );
});

test("memory grows with what is annotated, not with the matrix", () => {
  // OpenImages in small: 2,000 classes, 14 annotated entries an image.
  const [numClasses, rows, annotated] = [2000, 64, 14];
  const sparse = new MetricAccumulator();
  const kept = new MetricAccumulator({ keepUnannotated: { maxBytes: 2 ** 20 } });
  const random = mulberry32(3);
  const before: number[] = [];
  for (let batch = 0; batch < 20; batch++) {
    const labels = new Int8Array(rows * numClasses).fill(-1);
    for (let i = 0; i < rows * annotated; i++)
      labels[Math.floor(random() * labels.length)] = i % 3 === 0 ? 1 : 0;
    const scores = Float32Array.from(labels, () => random() * 8 - 6);
    sparse.add(scores, labels, rows);
    kept.add(scores, labels, rows);
    before.push(kept.bytes);
  }
  const perClass = 4 * (2 * (rows + 1) + 16); // what each class has room for before its first entry
  expect(sparse.bytes).toBeLessThan(numClasses * perClass + 3 * 4 * 20 * rows * annotated);
  expect(sparse.bytes).toBeLessThan((4 * 20 * rows * numClasses) / 4);
  // Bins take 13 kB a class, and the scores that do not fit stop growing.
  expect(kept.bytes - before[5]!).toBeLessThan(2 * 4 * 15 * rows * annotated + numClasses * perClass);
  const naive = kept.compute({ unannotated: "negative" });
  expect(naive.entries.unannotated).toBe(0);
  expect(naive.mapC).toBeLessThan(kept.compute().mapC / 2);
  expect(() => sparse.compute({ unannotated: "negative" })).toThrow("keepUnannotated: true");
});
