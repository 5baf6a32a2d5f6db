import { join } from "node:path";
import { readText } from "@csl/internal/files/read-text";
import { parseJson } from "@csl/internal/json/parse-json";
import { writeJson, writeWhole } from "../../files/write-json.js";
import { flagName } from "../../flags/flag.js";
import type { Output } from "../../outputs/claim-outputs.js";
import { formats, outputKinds } from "../../outputs/output-kinds.js";
import { writeMethodReport } from "../../report/method-report.js";
import { reportName } from "../../report/report-data.js";
import { formatDuration, percent } from "../../terminal/format.js";
import type { Choices } from "../train/choices.js";
import type { Step } from "./plan-steps.js";
import type { RunRecord } from "./run-record.js";

/** What `csl evaluate --json` writes, as far as it is shown here: fractions. */
interface Scores {
  mapC: number | null;
  mapO: number | null;
  chance: { mapC: number; mapO: number } | null;
}

/** What `csl estimate-prior --json` writes. */
interface PriorReport {
  complete: boolean;
  rankCorrelation: number | null;
  classes: { name: string; prior: number; trueShare: number }[];
}

const names: Record<string, string> = {
  temporary: "Ignore (the temporary model)",
  csl: "CSL",
  negative: "Negative",
};

/** The files of `writeReport`. */
export function reportFiles(out: string): Output[] {
  const flag = "--path-dest";
  return [
    { path: join(out, reportName), flag, kind: outputKinds.reportPage },
    { path: join(out, "report.json"), flag, kind: outputKinds.runReport },
    { path: join(out, "report.md"), flag, kind: outputKinds.runReportText },
  ];
}

/**
 * Writes report.md for people and report.json for programs into the run's folder.
 *
 * @returns the table of scores as text for the terminal, and where the report is.
 */
export async function writeReport(
  out: string,
  { recipe, steps, record }: { recipe: string; steps: readonly Step[]; record: RunRecord },
): Promise<string> {
  const scored = steps.filter(({ section }) => section === "evaluate");
  const scores = await Promise.all(
    scored.map(async ({ name, outputs }) => {
      const { mapC, mapO, chance } = await readJson<Scores>(outputs[0]!);
      const model = name.replace("evaluate ", "");
      return { model, title: titleOf(model, steps), mapC, mapO, chance };
    }),
  );
  const choices = await choicesOf(out);
  const hasPrior = steps.some(({ name }) => name === "prior");
  const prior = hasPrior ? await readJson<PriorReport>(join(out, "prior-report.json")) : undefined;
  const seconds = Object.fromEntries(steps.map(({ name }) => [name, record.steps[name]?.seconds ?? null]));
  await writeJson(join(out, "report.json"), {
    format: formats.runReport,
    recipe,
    split: scored[0]?.flags.split ?? "val",
    scores,
    ...(prior && { rankCorrelation: prior.rankCorrelation }),
    ...(Object.keys(choices).length > 0 && { choices }),
    seconds,
  });
  await writeWhole(join(out, "report.md"), formatReport(recipe, { scores, prior, choices, steps, seconds }));
  await writeMethodReport(out);
  const rows = scoreRows(scores);
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, c, o]) => `${name.padEnd(width)}  ${c.padStart(6)}  ${o.padStart(6)}`);
  return [
    `\n${"".padEnd(width)}  mAP(C)  mAP(O)`,
    ...table,
    `\n${join(out, reportName)} and ${join(out, "report.md")} have the results.`,
  ].join("\n");
}

/** What was left to the command in the last training, by option. */
async function choicesOf(out: string): Promise<Choices> {
  return (await readJson<{ choices?: Choices }>(join(out, "csl", "config.json"))).choices ?? {};
}

/** What a model is called; the last one by its loss, if that is not csl. */
function titleOf(folder: string, steps: readonly Step[]): string {
  const loss = folder === "csl" && steps.find(({ name }) => name === folder)?.flags.loss;
  return typeof loss === "string" && loss !== "csl" ? loss : (names[folder] ?? folder);
}

type Row = readonly [name: string, mapC: string, mapO: string];

/** A row for each model, and one for chance. */
function scoreRows(scores: readonly (Scores & { title: string })[]): Row[] {
  const shown = (value: number | null | undefined): string => (value == null ? "–" : percent(value));
  const chance = scores[0]?.chance;
  return [
    ...scores.map(({ title, mapC, mapO }): Row => [title, shown(mapC), shown(mapO)]),
    ...(chance ? [["chance", shown(chance.mapC), shown(chance.mapO)] as const] : []),
  ];
}

function formatReport(
  recipe: string,
  {
    scores,
    prior,
    choices,
    steps,
    seconds,
  }: {
    scores: readonly (Scores & { title: string })[];
    prior: PriorReport | undefined;
    choices: Choices;
    steps: readonly Step[];
    seconds: Record<string, number | null>;
  },
): string {
  const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
    [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
  const parts = [
    `# Run of the recipe ${recipe}`,
    table(["model", "mAP(C)", "mAP(O)"], scoreRows(scores)),
    "Chance is what random scores would reach. One run is one draw: differences of a point or two between models are noise on small data.",
  ];
  if (prior) {
    const against = prior.complete ? "the true class frequencies" : "the annotated positives";
    parts.push(
      "## The class prior",
      `Rank correlation of the estimate with ${against} (Spearman): ${prior.rankCorrelation?.toFixed(3) ?? "none"}. The classes that the temporary model expects most often:`,
      table(
        ["class", "prior", prior.complete ? "true share" : "annotated positive"],
        prior.classes
          .slice(0, 10)
          .map(({ name, prior: value, trueShare }) => [cell(name), value.toFixed(3), trueShare.toFixed(3)]),
      ),
    );
  }
  const chosen = Object.entries(choices).map(
    ([option, { value, reason }]) => `- \`--${flagName(option)} ${value}\`: ${cell(reason)}`,
  );
  if (chosen.length > 0) parts.push("## What was chosen for the last training", chosen.join("\n"));
  parts.push(
    "## Steps",
    table(
      ["step", "what for", "time"],
      steps.map(({ name, why }) => [name, why, seconds[name] == null ? "" : formatDuration(seconds[name])]),
    ),
    "`run.json` has the settings and the hashes of what each step read; `csl/thresholds.json` a decision threshold per class, which `csl infer` finds beside the model.",
  );
  return `${parts.join("\n\n")}\n`;
}

async function readJson<T>(path: string): Promise<T> {
  return parseJson(await readText(path)) as T;
}
