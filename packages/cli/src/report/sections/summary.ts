import { html } from "../../pages/html.js";
import type { Section } from "../../pages/page.js";
import { percent } from "../../terminal/format.js";
import type { RunHistory } from "../run-history.js";

/** The few numbers that are asked for first. */
export function summarySection(history: RunHistory): Section {
  const last = history.pastValidations().at(-1);
  // A score is null in the log where no class could be scored.
  const shown = (value: number | null | undefined): string =>
    Number.isFinite(value) ? `${percent(value!)} %` : "–";
  const speed = history.groups.at(-1)?.speed;
  const facts: [string, string][] = [
    ["best mAP(C)", shown(history.best?.score)],
    ["last mAP(C), raw", shown(last?.raw.mapC)],
    ["last mAP(C), averaged", shown(last?.ema?.mapC)],
    ["last mAP(O), raw", shown(last?.raw.mapO)],
    ["chance mAP(C)", shown(last?.raw.chance?.mapC)],
    ["step", `${history.lastStep} of ${history.totalSteps}`],
    ["images a second", speed === undefined || Number.isNaN(speed) ? "–" : speed.toPrecision(3)],
    ["parameters", `${(history.parameters / 1e6).toFixed(2)} M`],
  ];
  return {
    id: "summary",
    title: "Summary",
    body: html`<dl class="facts">${facts.map(([word, value]) => html`<div><dt>${word}</dt><dd>${value}</dd></div>`)}</dl>`,
  };
}
