import { readFileSync } from "node:fs";
import { expectAllClose } from "@csl/test-support";
import { describe, expect, test } from "vitest";
import { type AccumulatorOptions, MetricAccumulator } from "../ranking/metric-accumulator.js";
import { compareProtocols, type ProtocolResult } from "./compare-protocols.js";
import { formatProtocols } from "./format.js";
import { protocols } from "./protocols.js";

// From scikit-learn, torchmetrics and numpy by tooling/reference/protocols.py.
const fixture = JSON.parse(readFileSync(new URL("../../fixtures/protocols.json", import.meta.url), "utf8"));
const EXACT = { rtol: 1e-9 };
/** torchmetrics computes in float32. */
const SINGLE = { rtol: 1e-6 };

function accumulate(name: string, keepUnannotated: boolean | { maxBytes: number } = true) {
  const { numClasses, scores, labels, ...rest } = fixture[name];
  const metrics = new MetricAccumulator({ keepUnannotated });
  const rows = labels.length / numClasses;
  for (let from = 0; from < rows; from += 64) {
    const to = Math.min(rows, from + 64);
    metrics.add(
      Float32Array.from(scores.slice(from * numClasses, to * numClasses)),
      Int8Array.from(labels.slice(from * numClasses, to * numClasses)),
      to - from,
    );
  }
  const { trainable, trainAnnotations, frequency, minPositives } = rest;
  const knowledge = {
    trainable: (c: number) => trainable[c] as boolean,
    trainAnnotations,
    frequency,
    minPositives,
  };
  return { metrics, knowledge, expected: rest.protocols };
}

const byName = (results: ProtocolResult[]): Record<string, ProtocolResult> =>
  Object.fromEntries(results.map((result) => [result.protocol.name, result]));

describe.each(["openimages", "lvis"])("%s-like labels", (name) => {
  const { metrics, knowledge, expected } = accumulate(name);
  const results = byName(compareProtocols(metrics, knowledge));

  test.each(protocols.map((protocol) => protocol.name))(
    "%s equals the independent computation",
    (protocol) => {
      const { score, mapC, mapO, validClasses, groups, uncertainty } = results[protocol]!;
      const wanted = expected[protocol];
      expect(uncertainty).toBe(0);
      if (protocol === "micro") return expectAllClose([score!], [wanted.micro], EXACT);
      expect(validClasses).toBe(wanted.validClasses);
      const tolerance = protocol === "torchmetrics" ? SINGLE : EXACT;
      expectAllClose([mapC!, mapO!], [wanted.mapC, wanted.mapO], tolerance);
      expect(groups.filter((group) => group.mapC !== null).map(({ bucket }) => bucket)).toEqual(
        Object.keys(wanted.groups ?? {}),
      );
      for (const group of groups)
        if (group.mapC !== null) expectAllClose([group.mapC], [wanted.groups[group.bucket]], EXACT);
    },
  );

  test("un-annotated entries counted in bins: the exact AP lies within what is stated", () => {
    const binned = accumulate(name, { maxBytes: 0 });
    for (const [protocol, { mapC, uncertainty }] of Object.entries(
      byName(compareProtocols(binned.metrics, binned.knowledge)),
    )) {
      const exact = results[protocol]!;
      if (exact.protocol.options.unannotated !== "negative") expect(mapC).toBe(exact.mapC);
      // Logits rounded to a tenth tie far more often than those of a network, and still the bounds are narrow.
      else {
        expect(uncertainty).toBeGreaterThan(0);
        expect(uncertainty).toBeLessThan(0.02);
        expect(Math.abs(mapC! - exact.mapC!)).toBeLessThanOrEqual(uncertainty + 1e-12);
      }
    }
  });
});

test("what the accumulator was made for changes no protocol", () => {
  const { numClasses, scores, labels } = fixture.lvis;
  const rows = labels.length / numClasses;
  const compare = (options: AccumulatorOptions): ProtocolResult[] => {
    const metrics = new MetricAccumulator({ keepUnannotated: true, ...options });
    metrics.add(Float32Array.from(scores), Int8Array.from(labels), rows);
    return compareProtocols(metrics);
  };
  const odd: AccumulatorOptions = {
    minPositives: 8,
    counts: (c) => c % 2 === 0,
    ties: "rank",
    interpolation: "voc07",
    emptyClass: "zero",
    micro: true,
  };
  expect(compare(odd)).toEqual(compare({}));
});

test("micro: chance is the share of positives among the annotated entries of all classes", () => {
  const metrics = new MetricAccumulator({ keepUnannotated: true });
  // The second class has no positive and the third no label: no class mean counts them, the one ranking the second.
  metrics.add(Float32Array.from([3, 1, 9, 2, 0, 9]), Int8Array.from([1, 0, -1, 0, 0, -1]), 2);
  const { micro, annotated } = byName(compareProtocols(metrics));
  expect([micro!.score, micro!.chance, micro!.validClasses]).toEqual([1, 1 / 4, 2]);
  expect([annotated!.chance, annotated!.validClasses]).toEqual([1 / 2, 1]);
});

test("the report is a Markdown table in percent, with groups and what is missing", () => {
  const { metrics, knowledge } = accumulate("openimages");
  const text = formatProtocols(compareProtocols(metrics, knowledge));
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  expect(new Set(rows.map((row) => row.length)).size).toBe(1);
  expect(rows).toHaveLength(2 + protocols.length);
  expect(text).toMatch(/\| csl +\| left out +\| rank .*\| +60\.45 \|/);
  expect(text).toMatch(/\| un-annotated-negative \| absent .*\| +21\.73 \|/);
  expect(text).toMatch(/- openimages-v3: G1 \d+\.\d\d \(chance \d+\.\d\d, \d+ classes\), G2/);
  expect(text).toMatch(/meant for full labels: \d\d\.\d % of the entries are un-annotated/);
  const bare = formatProtocols(compareProtocols(metrics));
  expect(bare).toContain("no list of trainable classes");
  expect(bare).toContain("number of training annotations is not known");
  expect(bare).toContain("no frequency groups");
});

test("without a class that counts the line says so, and other mistakes stay errors", () => {
  const metrics = new MetricAccumulator({ keepUnannotated: true });
  metrics.add(Float32Array.from([0.5, 0.2]), Int8Array.from([1, 1]), 1);
  const { csl, torchmetrics } = byName(compareProtocols(metrics));
  expect(csl).toMatchObject({ mapC: null, notes: ["no class counts"] });
  expect(torchmetrics!.mapC).toBe(1);
  const plain = new MetricAccumulator();
  plain.add(Float32Array.from([0.5, 0.2]), Int8Array.from([1, 0]), 2);
  expect(() => compareProtocols(plain)).toThrow("Make it with keepUnannotated: true");
});
