import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bucketMap, evaluate } from "@csl/metrics";
import { drawScenes, exportLvis } from "@csl/scenes";
import { afterAll, expect, test } from "vitest";
import { classFrequencyGroups, readLvis } from "./read-lvis.js";

const root = mkdtempSync(join(tmpdir(), "csl-lvis-scenes-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

// From drawn images over files of LVIS's form to the table, the file names, and the mAP of its groups.
test("a drawn set in LVIS form: labels are true, names lead to images, groups evaluated", async () => {
  const set = await drawScenes({ folder: join(root, "set"), train: 40, val: 6, ood: 2, classes: 8 });
  const { folder, splits } = await exportLvis(set, { images: true, folder: join(root, "lvis") });
  const lvis = await readLvis(splits.train);
  const { table, fileNames, counts } = lvis;
  expect([counts.images, counts.contradictions, counts.unknownImages, counts.unknownListed]).toEqual([
    40, 0, 0, 0,
  ]);

  const truth = JSON.parse(readFileSync(set.splits.train.instances, "utf8")) as {
    annotations: { image_id: number; category_id: number }[];
    categories: { id: number; name: string }[];
  };
  const cocoId = new Map(truth.categories.map(({ id, name }) => [name.replaceAll(" ", "_"), id]));
  const shown = new Set(truth.annotations.map((a) => `${a.image_id}/${a.category_id}`));
  let known = 0;
  table.forEachEntry((sample, c, label) => {
    const cell = `${table.sampleIds.at(sample)}/${cocoId.get(table.classes.names[c]!)}`;
    expect(shown.has(cell), cell).toBe(label === 1);
    known++;
  });
  expect(known).toBe(counts.positives + counts.negatives);
  expect(known).toBeGreaterThan(60);

  expect(existsSync(join(folder, fileNames[0]!))).toBe(true);

  // Scores that rank every class perfectly but the first: AP 1 for the others.
  const labels = table.dense(Array.from({ length: 40 }, (_, i) => i));
  const scores = Float32Array.from(labels, (label, i) => (i % 8 === 0 ? -label : label) + (i % 40) / 1000);
  const { perClass } = evaluate({ scores, labels, numClasses: 8 });
  const groups = classFrequencyGroups(lvis);
  const buckets = bucketMap(perClass, groups, { order: ["r", "c", "f"] });
  expect(buckets.reduce((sum, { numClasses }) => sum + numClasses, 0)).toBe(8);
  for (const { bucket, mapC } of buckets) {
    const members = perClass.flatMap(({ ap }, c) => (groups[c] === bucket && ap !== null ? [ap] : []));
    expect(mapC ?? -1).toBeCloseTo(
      members.length === 0 ? -1 : members.reduce((sum, ap) => sum + ap, 0) / members.length,
      10,
    );
    if (groups[0] !== bucket && mapC !== null) expect(mapC).toBe(1);
  }
});
