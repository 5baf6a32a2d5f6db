import { html } from "../pages/html.js";
import { page, type Section } from "../pages/page.js";
import { formatDuration, percent } from "../terminal/format.js";
import type { ReportData } from "./report-data.js";
import type { RunHistory } from "./run-history.js";
import { calibrationSection } from "./sections/calibration.js";
import { classesSection } from "./sections/classes.js";
import { confusionSection } from "./sections/confusion.js";
import { curvesSection } from "./sections/curves.js";
import { dataSection } from "./sections/data.js";
import { gallerySection, galleryStyle } from "./sections/gallery.js";
import { ignoredSection } from "./sections/ignored.js";
import { priorSection } from "./sections/prior.js";
import { settingsSection } from "./sections/settings.js";
import { summarySection } from "./sections/summary.js";

/** report.html of a run. @param data undefined for a run that left none: then it is what the log says */
export function reportPage(history: RunHistory, data: ReportData | undefined): string {
  const sections: (Section | undefined)[] = [
    summarySection(history),
    curvesSection(history),
    ...(data
      ? [
          classesSection(data),
          priorSection(data),
          ignoredSection(data),
          calibrationSection(data),
          gallerySection(data),
          confusionSection(data),
          dataSection(data),
          settingsSection(data),
        ]
      : []),
  ];
  const { epochsPlanned, epochs, ended, best, elapsed } = history;
  const done = epochs.size === 0 ? 0 : Math.max(...epochs.keys()) + 1;
  const state =
    ended === undefined ? "running" : ended === "finished" ? "finished" : `ended early (${ended})`;
  const { modelName, pathDest } = data?.facts.settings ?? {};
  const run = [pathDest, modelName, data?.facts.loss.name === "csl" && data.facts.loss.mode]
    .filter((part) => typeof part === "string")
    .join(" · ");
  const lead = html`${run && html`<p><b>${run}</b></p>`}<p class="note">${state} · epoch ${done} of ${epochsPlanned} · ${formatDuration(elapsed)}${
    Number.isFinite(best?.score) &&
    best &&
    ` · best mAP(C) ${percent(best.score)} %, ${best.weights === "ema" ? "averaged" : "raw"} weights, epoch ${best.epoch + 1}`
  }</p>`;
  return page({
    title: "Training report",
    generator: "csl report",
    lead,
    sections: sections.filter((section) => section !== undefined),
    style: galleryStyle,
  });
}
