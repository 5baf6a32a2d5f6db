import { basename, resolve } from "node:path";
import type { Dataset, Split } from "@csl/datasets";
import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import { lockFile } from "@csl/internal/files/file-lock";
import { hashFile } from "@csl/internal/files/hash-file";
import { writeLines } from "@csl/internal/files/write-lines";
import type { LabelTable } from "@csl/labels";
import { openDataset } from "../../data/open-dataset.js";
import { loadSimulatedLabels } from "../../data/simulated-labels.js";
import type { Context } from "../../flags/command.js";
import type { OptionsOf } from "../../flags/flag.js";
import { inputsOf } from "../../flags/read-flags.js";
import { claimOutputs } from "../../outputs/claim-outputs.js";
import { outputKinds } from "../../outputs/output-kinds.js";
import { formatDuration } from "../../terminal/format.js";
import { silent } from "../../terminal/terminal.js";
import { requireKnownEntries, requireKnownLabels } from "./check-answers.js";
import { type EditedLabels, editLabels, type LabelEdit, readRows } from "./edit-labels.js";
import { formNotes } from "./form-notes.js";
import { classPath, readClasses, rowsOfSplit, writeClasses, writeSplit } from "./label-folder.js";
import type { LabelRow } from "./label-rows.js";
import { type AnswersFile, readAnswers } from "./read-answers.js";
import { reviewFlags } from "./review-flags.js";
import { labelPath, logPath, type ReviewLog, readReviewLog, writeReviewLog } from "./review-log.js";

export type ReviewOptions = OptionsOf<typeof reviewFlags>;

/** Splits that the new folder gets as they are, where the data have them. */
const OTHER_SPLITS = ["train", "val", "test"];

/**
 * `csl review --apply`: writes the labels with the answers in them as a data set of its own, and what was changed into its log.
 * A folder that has answers already gets these in addition.
 */
export async function applyAnswers(
  options: ReviewOptions & { apply: string },
  { terminal, signal }: Context,
): Promise<void> {
  const { out } = options;
  const given = await readAnswers(options.apply, signal);
  const lock = await lockFile(`${out}/review.lock`, { speaker: "csl review" });
  try {
    const log = await readReviewLog(out);
    const target = log
      ? await openFolder(log, options.out, given.split)
      : await openFirst(options, given.split, { terminal, signal });
    requireKnownLabels(given, { known: target.known, data: target.start.data }, options);
    const edits = editsOf(given);
    const edited = await editLabels(target.rows, edits, target.classIds);
    requireKnownEntries(edited, edits, options, target.isGone);
    const step = await stepOf(options.apply, given, { edits, edited, before: target.file });
    if (log && step.changes.length === 0) {
      terminal.print(
        `nothing to change: every answer in ${options.apply} is in ${labelPath(out, given.split)} already`,
      );
      return;
    }
    signal.throwIfAborted();
    await target.begin?.();
    const start = target.start;
    await writeReviewLog(out, { start, steps: [...(log?.steps ?? []), step] });
    await writeLines(labelPath(out, start.split), edited.lines, "csl review");
    terminal.print(describe(step.counts, given));
    terminal.print(
      `labels ${step.after.slice(0, 12)}: ${labelPath(out, start.split)}; --data ${out} opens them, csl review --undo --out ${out} takes this back`,
    );
  } finally {
    await lock.release();
  }
}

/** The labels that answers are applied to. */
interface Target {
  start: ReviewLog["start"];
  rows: AsyncIterable<LabelRow> | Iterable<LabelRow>;
  classIds: readonly string[];
  /** SHA-256 of the label file as it is. */
  file: string;
  /** Hashes of labels that answers may belong to. */
  known: ReadonlySet<string>;
  /** Whether the labels know an image that is not there. */
  isGone?: (image: string) => boolean;
  /** Writes what a new folder needs besides. */
  begin?: () => Promise<void>;
}

async function openFolder(log: ReviewLog, out: string, split: string): Promise<Target> {
  const { start, steps, file } = log;
  const path = labelPath(out, start.split);
  if (split !== start.split)
    throw new CslError(
      "mismatch",
      `csl review: expected answers about "${start.split}", of which ${out} has the labels, got answers about "${split}". Choose another --out.`,
    );
  const own = await openDataset({ data: out }, silent).then((dataset) => dataset.split(start.split));
  return {
    ...{ start, file, rows: readRows(path), classIds: (await readClasses(out)).ids },
    known: new Set([start.labels, own.truth.hash(), ...steps.map(({ labels }) => labels)]),
  };
}

/** The labels of `--data`, for a folder that has none of ours yet. */
async function openFirst(
  options: ReviewOptions,
  splitName: string,
  { terminal, signal }: Pick<Context, "terminal" | "signal">,
): Promise<Target> {
  const { out } = options;
  if (resolve(out) === resolve(options.data))
    throw new CslError(
      "already-exists",
      `csl review: expected --out to be another folder than --data, got ${out} for both. New labels are a data set of their own.`,
    );
  const dataset = await openDataset(options, terminal, { signal });
  const { split, table } = await openReviewed(dataset, { ...options, split: splitName }, terminal);
  if (table.classes.has("*"))
    throw new CslError(
      "unsupported",
      'csl review: expected class ids that a label file can have, got "*", which there stands for all other classes. Give the class another id.',
    );
  const { rows, inShards, missing } = await rowsOfSplit(out, split, table);
  const base = await editLabels(rows, [], table.classes.ids);
  const labels = table.hash();
  const others = await otherSplits(dataset, split, table);
  await claimOutputs("csl review", filesOf(out, [split.name, ...others.map(({ name }) => name)]), {
    inputs: [...inputsOf(reviewFlags, options), { path: options.data, flag: "--data" }],
    overwrite: options.overwrite,
  });
  return {
    start: {
      type: "csl-review-log/1",
      ...{ at: new Date().toISOString(), data: options.data, split: split.name, labels, file: base.sha256 },
    },
    ...{ rows: base.lines.map((line) => JSON.parse(line) as LabelRow), classIds: table.classes.ids },
    ...{ file: base.sha256, known: new Set([labels]) },
    isGone: (image) => hasSample(table, image),
    async begin() {
      for (const note of formNotes({ split, missing, inShards, out })) terminal.info(note);
      await writeClasses(out, table.classes);
      for (const other of others) await writeSplit(out, other);
    },
  };
}

/** The split that is reviewed, and its labels: all, or those of a simulation. */
export async function openReviewed(
  dataset: Dataset,
  { split: name, labels }: Pick<ReviewOptions, "split" | "labels">,
  terminal: Context["terminal"],
  classes?: LabelTable["classes"],
): Promise<{ split: Split; table: LabelTable }> {
  const split = await dataset.split(name, { classes });
  const table = labels === undefined ? split.truth : await loadSimulatedLabels(labels, split, terminal);
  return { split, table };
}

/** Whether the labels know an image, be it there or not. */
function hasSample(table: LabelTable, image: string): boolean {
  try {
    return table.indexOfSample(image) >= 0;
  } catch (error) {
    if (isCslError(error, "not-found")) return false;
    throw error;
  }
}

async function otherSplits(dataset: Dataset, { name, truth }: Split, table: LabelTable): Promise<Split[]> {
  const found: Split[] = [];
  for (const other of OTHER_SPLITS.filter((one) => one !== name)) {
    try {
      await dataset.requireSplit(other);
      const split = await dataset.split(other, { classes: table.classes });
      // OpenImages' "validation" is its "val" by another name.
      if (split.truth.hash() === truth.hash()) continue;
      await split.images();
      found.push(split);
    } catch (error) {
      if (!isCslError(error, "not-found")) throw error;
    }
  }
  return found;
}

function filesOf(out: string, splits: readonly string[]) {
  const flag = "--out";
  return [
    { path: logPath(out), flag, kind: outputKinds.reviewLog },
    { path: classPath(out), flag, kind: outputKinds.reviewLabels },
    ...splits.map((name) => ({ path: labelPath(out, name), flag, kind: outputKinds.reviewLabels })),
  ];
}

function editsOf({ answers }: AnswersFile): LabelEdit[] {
  return answers
    .filter(({ answer }) => answer !== "skip")
    .map(({ image, classId, label, answer }) => ({
      image,
      classId,
      from: label,
      to: answer === "yes" ? 1 : 0,
    }));
}

async function stepOf(
  path: string,
  { answers, labels, contradicted, open }: AnswersFile,
  { edits, edited, before }: { edits: readonly LabelEdit[]; edited: EditedLabels; before: string },
): Promise<ReviewLog["steps"][number]> {
  const count = (wanted: string): number => edited.results.filter((result) => result === wanted).length;
  const said = (wanted: string): number => answers.filter(({ answer }) => answer === wanted).length;
  return {
    type: "apply",
    at: new Date().toISOString(),
    answers: { name: basename(path), sha256: await hashFile(path) },
    ...{ labels, before, after: edited.sha256 },
    counts: {
      ...{ yes: said("yes"), no: said("no"), skip: said("skip"), open, contradicted },
      ...{
        changed: count("changed"),
        same: count("same"),
        differs: count("differs"),
        gone: count("unknown-image"),
      },
      seconds: Math.round(answers.reduce((sum, { seconds }) => sum + seconds, 0)),
    },
    changes: edits.flatMap(({ image, classId, from, to }, i) =>
      edited.results[i] === "changed" ? [{ image, class: classId, from, to }] : [],
    ),
  };
}

function describe(counts: Readonly<Record<string, number>>, { answers }: AnswersFile): string {
  const {
    changed = 0,
    same = 0,
    differs = 0,
    gone = 0,
    skip = 0,
    open = 0,
    contradicted = 0,
    seconds = 0,
  } = counts;
  const more = [
    [same, "agree with what is annotated"],
    [skip, "skipped"],
    [open, "without an answer"],
    [differs, "about entries that have changed since, which stay"],
    [gone, "about images that are not there"],
    [contradicted, "entries with a yes and a no, which stay"],
  ] as const;
  const rest = more.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const time = seconds > 0 ? `, given in ${formatDuration(seconds)}` : "";
  return `${answers.length} answers${time}: ${[`${changed} labels changed`, ...rest].join(", ")}`;
}
