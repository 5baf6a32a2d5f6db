import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassList, labelTableFromDense } from "@csl/labels";
import sharp from "sharp";
import { expect, test } from "vitest";
import { classFrequencies, frequencyTable } from "./class-frequencies.js";
import { frequencyChart, writeFrequencyChart } from "./frequency-chart.js";

const classes = ClassList.from(["rare <&>", "often", "never"].map((name, i) => ({ id: `${i}`, name })));
const ids = ["a", "b", "c", "d"];
const before = labelTableFromDense(classes, ids, [0, 1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0], { defaultLabel: 0 });
const after = labelTableFromDense(classes, ids, [0, 1, -1, 1, -1, -1, -1, 1, -1, -1, -1, 0]);

test("counts by hand, most frequent first", () => {
  expect(classFrequencies(before, after)).toEqual([
    { id: "1", name: "often", truth: 4, positives: 2, negatives: 0 },
    { id: "0", name: "rare <&>", truth: 1, positives: 1, negatives: 1 },
    { id: "2", name: "never", truth: 0, positives: 0, negatives: 1 },
  ]);
});

test("the table has a row a class, a total, and the share", () => {
  const lines = frequencyTable(before, after).split("\n");
  expect(lines[2]).toMatch(/^often +4 +2 +0 +50\.0 % {2}█+░+$/);
  expect(lines[4]).toMatch(/^never +0 +0 +1 +25\.0 %$/);
  expect(lines.at(-1)).toMatch(/^all +5 +3 +2 +41\.7 %$/);
  expect(frequencyTable(before, after, { rows: 2 })).toContain("… 1 more");
});

test("another class list is refused", () => {
  const other = labelTableFromDense(ClassList.from([{ id: "9", name: "x" }]), ["a"], [1]);
  expect(() => frequencyTable(before, other)).toThrow(
    "classFrequencies: expected the class list of 3 classes",
  );
});

test("the chart escapes names and has a bar only where there is something", () => {
  const svg = frequencyChart(before, after, { title: "T & t" });
  expect(svg).toContain("rare &lt;&amp;&gt;");
  expect(svg).toContain("T &amp; t");
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  // Blue: one in the legend, one each for the two classes with kept positives.
  expect(svg.match(/<rect [^>]*fill="#2f6fb3"/g)).toHaveLength(3);
  expect(frequencyChart(before, after, { rows: 2 })).toContain("2 of them shown");
});

test("is written as PNG at twice its size, or as SVG", async () => {
  const folder = await mkdtemp(join(tmpdir(), "csl-frequency-"));
  try {
    await writeFrequencyChart(join(folder, "f.png"), before, after);
    const { format, width } = await sharp(join(folder, "f.png")).metadata();
    expect([format, width]).toEqual(["png", 1920]);
    await expect(writeFrequencyChart(join(folder, "f.jpg"), before, after)).rejects.toThrow(
      "expected a path that ends in .svg or .png",
    );
    await writeFrequencyChart(join(folder, "f.svg"), before, after);
    expect(await readFile(join(folder, "f.svg"), "utf8")).toBe(frequencyChart(before, after));
  } finally {
    await rm(folder, { recursive: true });
  }
});
