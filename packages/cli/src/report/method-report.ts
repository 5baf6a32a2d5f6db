import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readText } from "@csl/internal/files/read-text";
import { parseJson } from "@csl/internal/json/parse-json";
import { writeWhole } from "../files/write-json.js";
import { flagName } from "../flags/flag.js";
import { figure } from "../pages/charts/chart.js";
import { type Line, lineChart } from "../pages/charts/line-chart.js";
import { dataTable } from "../pages/data-table.js";
import { type Html, html } from "../pages/html.js";
import { page, type Section } from "../pages/page.js";
import { formatDuration } from "../terminal/format.js";
import { reportName } from "./report-data.js";
import { type RunHistory, readHistory } from "./run-history.js";

/** The trainings that `csl run` may do, in their folders. */
const trainings = { temporary: "Ignore (the temporary model)", csl: "CSL", negative: "Negative" };

/** What report.json of `csl run` has, as far as it is shown here. */
interface RunScores {
  scores?: { title: string; mapC: number | null; mapO: number | null }[];
  rankCorrelation?: number | null;
  choices?: Record<string, { value: number | string; reason: string }>;
}

interface Steps {
  recipe?: string;
  steps?: Record<string, { state: string; seconds?: number }>;
}

/** Writes report.html of the folder of `csl run`: its scores, its trainings beside each other, and where their reports are. */
export async function writeMethodReport(out: string): Promise<void> {
  const record = (await readIfThere<Steps>(join(out, "run.json"))) ?? {};
  const scores = await readIfThere<RunScores>(join(out, "report.json"));
  const histories: [name: string, title: string, history: RunHistory][] = [];
  for (const [name, title] of Object.entries(trainings)) {
    const log = join(out, name, "log.jsonl");
    if (await stat(log).catch(() => undefined)) histories.push([name, title, await readHistory(log)]);
  }
  await writeWhole(join(out, reportName), methodPage(record, scores, histories));
}

function methodPage(
  { recipe = "", steps = {} }: Steps,
  scores: RunScores | undefined,
  histories: readonly (readonly [name: string, title: string, history: RunHistory])[],
): string {
  const running = Object.values(steps).some(({ state }) => state === "started");
  const sections: (Section | undefined)[] = [
    scores?.scores && { id: "scores", title: "Scores", body: scoreTable(scores) },
    histories.length > 0
      ? { id: "trainings", title: "Trainings", body: trainingCharts(histories) }
      : undefined,
    scores?.choices && Object.keys(scores.choices).length > 0
      ? {
          id: "choices",
          title: "Chosen for the last training",
          body: html`<dl class="pairs">${Object.entries(scores.choices).map(
            ([name, { value, reason }]) =>
              html`<dt><code>--${flagName(name)} ${value}</code></dt><dd>${reason}</dd>`,
          )}</dl>`,
        }
      : undefined,
    {
      id: "steps",
      title: "Steps",
      body: dataTable({
        id: "step-table",
        caption: "Steps of the run",
        columns: [{ title: "step" }, { title: "state" }, { title: "time" }],
        rows: Object.entries(steps).map(([name, { state, seconds }]) => [
          name,
          state,
          seconds === undefined ? null : formatDuration(seconds),
        ]),
      }),
    },
  ];
  return page({
    title: "Report of the whole method",
    generator: "csl report",
    lead: html`<p class="note">${running ? "running" : "finished steps"} · recipe ${recipe}</p>`,
    sections: sections.filter((section) => section !== undefined),
  });
}

function scoreTable({ scores = [], rankCorrelation }: RunScores): Html {
  return html`${dataTable({
    id: "score-table",
    caption: "Scores of the models",
    columns: [
      { title: "model" },
      { title: "mAP(C)", kind: "fraction" },
      { title: "mAP(O)", kind: "fraction" },
    ],
    rows: scores.map(({ title, mapC, mapO }) => [title, mapC, mapO]),
  })}
${typeof rankCorrelation === "number" && html`<p>Rank correlation of the class prior with the class frequencies (Spearman): ${rankCorrelation.toFixed(3)}.</p>`}
<p class="note">One run is one draw: differences of a point or two between models are noise on small data. <code>csl compare</code> of their folders says how sure a difference is.</p>`;
}

function trainingCharts(
  histories: readonly (readonly [name: string, title: string, history: RunHistory])[],
): Html {
  const lines = (value: (history: RunHistory) => Line["points"]): Line[] =>
    histories.map(([, title, history]) => ({ name: title, points: value(history) }));
  const best = (history: RunHistory): Line["points"] =>
    history
      .pastValidations()
      .map(({ epoch, raw, ema }) => [epoch + 1, Math.max(raw.mapC, ema?.mapC ?? 0)] as const);
  const chance = histories[0]?.[2].pastValidations().at(-1)?.raw.chance?.mapC;
  return html`<ul>${histories.map(([name, title]) => html`<li><a href="${name}/${reportName}">${title}: its own report</a></li>`)}</ul>
<div class="grid">${figure(
    lineChart(
      { title: "mAP(C) in training", note: "Of the better ones of raw and averaged weights." },
      {
        x: { label: "epoch", whole: true },
        y: { label: "mAP(C)", unit: "percent", from: 0 },
        lines: lines(best),
        reference: chance === undefined ? undefined : { name: "chance", y: chance },
      },
    ),
  )}${figure(
    lineChart(
      { title: "Loss per image", note: "The losses are not the same: only their courses compare." },
      {
        x: { label: "step", whole: true },
        y: { label: "loss", kind: "log" },
        lines: lines((history) => history.groups.map(({ to, loss }) => [to, loss] as const)),
      },
    ),
  )}</div>`;
}

async function readIfThere<T>(path: string): Promise<T | undefined> {
  const text = await readText(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : (parseJson(text) as T);
}
