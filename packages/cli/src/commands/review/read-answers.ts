import { cellText } from "@csl/internal/csv/csv-line";
import { scanCsv } from "@csl/internal/csv/scan-csv";
import { CslError } from "@csl/internal/errors/csl-error";
import type { Answer } from "./review-item.js";

/** What a person says of one entry. */
export interface GivenAnswer {
  image: string;
  classId: string;
  /** What was annotated when it was asked. */
  label: number;
  answer: Answer;
  /** That the person took, where it is known. */
  seconds: number;
}

/** A file of answers. All are of one split and of one state of its labels. */
export interface AnswersFile {
  /** Hash of the labels that were asked about. */
  labels: string;
  split: string;
  answers: GivenAnswer[];
  /** Rows without an answer. */
  open: number;
  /** Entries with a yes and a no: several annotators disagree. They are not among the answers. */
  contradicted: number;
}

/** Seconds: nobody looks at one question for longer, whatever was typed. */
const LONGEST = 3600;

const words: Readonly<Record<string, Answer | "">> = {
  yes: "yes",
  y: "yes",
  no: "no",
  n: "no",
  skip: "skip",
  s: "skip",
  "": "",
};

/**
 * Reads what the page saved, or `review.csv` with the answers in it. Files of several annotators may be put together, each with
 * or without its header. The last of equal answers counts; where one says yes and another no, neither does.
 *
 * @throws CslError `invalid-file` with the line of a row that is no answer, `mismatch` for rows of several reviews.
 */
export async function readAnswers(path: string, signal: AbortSignal): Promise<AnswersFile> {
  const refuse = (line: number, expected: string, got: unknown): CslError =>
    new CslError(
      "invalid-file",
      `csl review: ${path}, line ${line}: expected ${expected}, got ${JSON.stringify(got)}. Is it a file that review.html saved?`,
    );
  let heading: string[] | undefined;
  const given = new Map<string, GivenAnswer>();
  const contradicted = new Set<string>();
  let review: { labels: string; split: string } | undefined;
  let open = 0;
  for await (const { line, fields, bad } of scanCsv(path, { signal })) {
    if (bad) throw refuse(line, "a row of CSV", bad.text);
    const cells = fields.map(cellText);
    if (!heading || cells[0] === "labels") {
      // A header; those of further files, too.
      heading = cells;
      for (const name of ["labels", "split", "image", "class", "label", "answer"])
        if (!heading.includes(name))
          throw refuse(line, `a column "${name}", and commas between columns`, cells.join(","));
      continue;
    }
    const cell = (name: string): string => cells[heading!.indexOf(name)] ?? "";
    const of = { labels: cell("labels"), split: cell("split") };
    if (!/^[\da-f]{64}$/.test(of.labels)) throw refuse(line, "the hash of labels under labels", of.labels);
    // It becomes the name of a file.
    if (/[/\\]|^\.*$/.test(of.split)) throw refuse(line, "the name of a split under split", of.split);
    review ??= of;
    if (review.labels !== of.labels || review.split !== of.split)
      throw new CslError(
        "mismatch",
        `csl review: ${path}, line ${line}: expected answers of one review (labels ${review.labels.slice(0, 12)} of "${review.split}"), ` +
          `got labels ${of.labels.slice(0, 12)} of "${of.split}". Apply the files one after the other.`,
      );
    const word = cell("answer").trim().toLowerCase();
    const answer = Object.hasOwn(words, word) ? words[word]! : undefined;
    if (answer === undefined) throw refuse(line, "yes, no, skip or nothing under answer", cell("answer"));
    if (!["", "0", "1"].includes(cell("label")))
      throw refuse(line, "1, 0 or nothing under label", cell("label"));
    if (answer === "") {
      open++;
      continue;
    }
    const label = cell("label") === "" ? -1 : Number(cell("label"));
    const seconds = Math.min(Math.max(Number(cell("seconds")) || 0, 0), LONGEST);
    const key = JSON.stringify([cell("image"), cell("class")]);
    const earlier = given.get(key);
    if (earlier && answer !== "skip" && earlier.answer !== "skip" && earlier.answer !== answer)
      contradicted.add(key);
    if (earlier && answer === "skip") continue;
    given.set(key, { image: cell("image"), classId: cell("class"), label, answer, seconds });
  }
  if (!review)
    throw new CslError(
      "invalid-file",
      `csl review: expected answers in ${path}, got none. Answer in review.html and download them.`,
    );
  for (const key of contradicted) given.delete(key);
  return { ...review, answers: [...given.values()], open, contradicted: contradicted.size };
}
