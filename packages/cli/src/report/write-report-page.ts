import { stat } from "node:fs/promises";
import { join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { writeWhole } from "../files/write-json.js";
import { writeMethodReport } from "./method-report.js";
import { readReportData, reportDataName, reportName } from "./report-data.js";
import { reportPage } from "./report-page.js";
import { readHistory } from "./run-history.js";

/** Whose folder it is: of `csl train`, or of `csl run`, which has those of its trainings. */
async function runKind(folder: string): Promise<"training" | "method"> {
  const has = async (name: string): Promise<boolean> =>
    (await stat(join(folder, name)).catch(() => undefined))?.isFile() === true;
  if (await has("log.jsonl")) return "training";
  if (await has("run.json")) return "method";
  throw new CslError(
    "not-found",
    `csl report: expected the folder of a training (with log.jsonl) or of csl run (with run.json), got ${folder}. ` +
      "It is the --path-dest of csl train or csl run.",
  );
}

/** Writes report.html of a training from what it has left: its log, and report-data.json where there is one. */
async function writeTrainingReport(folder: string): Promise<{ complete: boolean }> {
  const data = await readReportData(join(folder, reportDataName));
  const history = await readHistory(join(folder, "log.jsonl"));
  await writeWhole(join(folder, reportName), reportPage(history, data));
  return { complete: data !== undefined };
}

/** Writes report.html of a folder of either kind, and of the trainings in it. */
export async function writeReportPage(folder: string): Promise<{ complete: boolean }> {
  if ((await runKind(folder)) === "training") return writeTrainingReport(folder);
  let complete = true;
  for (const name of ["temporary", "csl", "negative"]) {
    if (!(await stat(join(folder, name, "log.jsonl")).catch(() => undefined))) continue;
    complete = (await writeTrainingReport(join(folder, name))).complete && complete;
  }
  await writeMethodReport(folder);
  return { complete };
}
