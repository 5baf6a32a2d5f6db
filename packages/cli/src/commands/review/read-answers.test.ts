import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { readAnswers } from "./read-answers.js";
import { csvParts, reviewHeading } from "./review-csv.js";
import type { ReviewItem } from "./review-item.js";

const { file } = temporaryFolder();
const { signal } = new AbortController();
const review = { labels: "ab".repeat(32), split: "train" };
const item = (image: string, classId: string): ReviewItem => ({
  kind: "unknown",
  image,
  classId,
  className: "+name",
  label: -1,
  probability: 0.5,
  gainPerHour: 2,
});
const line = (image: string, classId: string, answer: string, of = review): string => {
  const [before, after] = csvParts(item(image, classId), of);
  return `${before},${answer},1.5,${after}\n`;
};

it("reads ids back that a spreadsheet would run, or that hold commas, quotes and line breaks", async () => {
  const names = [
    ["=1+1.jpg", "@x"],
    ['a "b", c.jpg', "-2\nz"],
    ["'quoted", "ok"],
  ] as const;
  const text = reviewHeading + names.map(([image, id]) => line(image, id, "Yes")).join("");
  const { answers } = await readAnswers(file("a.csv", `\ufeff${text}`), signal);
  expect(answers.map(({ image, classId }) => [image, classId])).toEqual(names);
  expect(answers[0]).toEqual({ image: "=1+1.jpg", classId: "@x", label: -1, answer: "yes", seconds: 1.5 });
});

it("puts files of several annotators together; where they disagree neither counts", async () => {
  const one = reviewHeading + line("a", "x", "yes") + line("a", "y", "no") + line("b", "x", "");
  const other = reviewHeading + line("a", "x", "no") + line("a", "y", "skip");
  const read = await readAnswers(file("b.csv", one + other), signal);
  expect(read.answers.map(({ classId, answer }) => [classId, answer])).toEqual([["y", "no"]]);
  expect([read.open, read.contradicted]).toEqual([1, 1]);
});

it.each([
  [
    "another word",
    reviewHeading + line("a", "x", "perhaps"),
    "invalid-file",
    /line 2.*yes, no, skip.*"perhaps"/,
  ],
  ["a column missing", "labels,split,image,class,answer\n", "invalid-file", /a column "label"/],
  ["semicolons", "labels;split;image;class;label;answer\n", "invalid-file", /commas between columns/],
  [
    "a split that is a path",
    reviewHeading + line("a", "x", "yes", { ...review, split: "../train" }),
    "invalid-file",
    /name of a split/,
  ],
  ["no answers", reviewHeading, "invalid-file", /expected answers/],
  ["another file", "path,positives\na.jpg,cat\n", "invalid-file", /column "labels"/],
  [
    "two reviews",
    reviewHeading + line("a", "x", "yes") + line("a", "x", "yes", { ...review, labels: "cd".repeat(32) }),
    "mismatch",
    /answers of one review/,
  ],
])("refuses %s", async (_, text, code, message) => {
  const reading = readAnswers(file("c.csv", text), signal);
  await expect(reading).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});
