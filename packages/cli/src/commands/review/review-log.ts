import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { hashFile } from "@csl/internal/files/hash-file";
import { writeLines } from "@csl/internal/files/write-lines";
import { outputKinds } from "../../outputs/output-kinds.js";
import type { LabelChange } from "./label-rows.js";

/** The first line: where the labels in the folder come from. */
export interface ReviewStart {
  type: "csl-review-log/1";
  at: string;
  /** `--data` as it was given, and the split. */
  data: string;
  split: string;
  /** Hash of the labels that the folder began with. */
  labels: string;
  /** SHA-256 of the label file before any answer. */
  file: string;
}

/** Answers that were applied, or an application that was taken back. */
export interface ReviewStep {
  type: "apply" | "undo";
  at: string;
  /** Name and SHA-256 of the file of answers. */
  answers: { name: string; sha256: string };
  /** Hash of the labels that the answers belong to. */
  labels: string;
  /** SHA-256 of the label file before and after. */
  before: string;
  after: string;
  counts: Readonly<Record<string, number>>;
  changes: LabelChange[];
}

/** What happened to the labels in a folder, the label file's path, and the steps that hold: undone ones are taken out. */
export interface ReviewLog {
  start: ReviewStart;
  steps: ReviewStep[];
  standing: ReviewStep[];
  /** SHA-256 of the label file that the last step left. */
  file: string;
}

export const logPath = (folder: string): string => join(folder, "review-log.jsonl");
export const labelPath = (folder: string, split: string): string => join(folder, `${split}.jsonl`);

/**
 * The log of a folder; undefined where there is none. A step whose labels were not written, because its run was stopped between,
 * is left out.
 *
 * @throws CslError `invalid-file` for a damaged log; `mismatch` where the log does not know the label file.
 */
export async function readReviewLog(folder: string): Promise<ReviewLog | undefined> {
  const path = logPath(folder);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const damaged = (): CslError =>
    new CslError(
      "invalid-file",
      `csl review: expected the log of a review, got ${path}, which is damaged. Begin in another folder: --out.`,
    );
  let lines: unknown[];
  try {
    lines = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  } catch {
    throw damaged();
  }
  const [start, ...steps] = lines as [ReviewStart, ...ReviewStep[]];
  if (!outputKinds.reviewLog.begins.test(text)) throw damaged();
  const file = await hashFile(labelPath(folder, start.split)).catch(() => undefined);
  const last = steps.at(-1);
  if (file !== (last?.after ?? start.file)) {
    if (!last || file !== last.before)
      throw new CslError(
        "mismatch",
        `csl review: expected the labels that the last step left in ${labelPath(folder, start.split)}, got others: ` +
          "it was changed or removed since. Review it as labels of your own: --data with it, and another --out.",
      );
    steps.pop();
  }
  return { start, steps, standing: standing(steps), file };
}

/** The whole log, before what it says is done. */
export async function writeReviewLog(
  folder: string,
  { start, steps }: Pick<ReviewLog, "start" | "steps">,
): Promise<void> {
  const lines = [start, ...steps].map((line) => JSON.stringify(line));
  await writeLines(logPath(folder), lines, "csl review");
}

function standing(steps: readonly ReviewStep[]): ReviewStep[] {
  const left: ReviewStep[] = [];
  for (const step of steps)
    if (step.type === "apply") left.push(step);
    else left.pop();
  return left;
}
