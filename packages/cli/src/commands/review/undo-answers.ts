import { CslError } from "@csl/internal/errors/csl-error";
import { lockFile } from "@csl/internal/files/file-lock";
import { writeLines } from "@csl/internal/files/write-lines";
import type { Context } from "../../flags/command.js";
import type { ReviewOptions } from "./apply-answers.js";
import { editLabels, readRows } from "./edit-labels.js";
import { readClasses } from "./label-folder.js";
import { labelPath, logPath, readReviewLog, writeReviewLog } from "./review-log.js";

/** `csl review --undo`: the labels in the folder as they were before the last answers. The log keeps both. */
export async function undoAnswers({ out }: Pick<ReviewOptions, "out">, { terminal }: Context): Promise<void> {
  const nothing = (): CslError =>
    new CslError(
      "not-found",
      `csl review: expected --out to be a folder in which answers were applied, got ${out} without any in ${logPath(out)}.`,
    );
  const before = await readReviewLog(out);
  if (!before) throw nothing();
  const lock = await lockFile(`${out}/review.lock`, { speaker: "csl review" });
  try {
    const log = await readReviewLog(out);
    const last = log?.standing.at(-1);
    if (!log || !last) throw nothing();
    const path = labelPath(out, log.start.split);
    const edits = last.changes.map((change) => ({
      ...{ image: change.image, classId: change.class, from: change.to, to: change.from },
    }));
    const edited = await editLabels(readRows(path), edits, (await readClasses(out)).ids);
    if (edited.sha256 !== last.before)
      throw new CslError(
        "mismatch",
        `csl review: expected ${path} to become what it was before ${last.answers.name}, got other labels. Was ${logPath(out)} changed?`,
      );
    const step = {
      ...last,
      ...({ type: "undo", at: new Date().toISOString(), before: log.file, after: edited.sha256 } as const),
      changes: edits.map(({ image, classId, from, to }) => ({ image, class: classId, from, to })),
    };
    await writeReviewLog(out, { start: log.start, steps: [...log.steps, step] });
    await writeLines(path, edited.lines, "csl review");
    terminal.print(
      `took back ${last.answers.name}: ${edits.length} labels are what they were; labels ${edited.sha256.slice(0, 12)}: ${path}`,
    );
  } finally {
    await lock.release();
  }
}
