import { flagName } from "../../flags/flag.js";
import { html } from "../../pages/html.js";
import type { Section } from "../../pages/page.js";
import type { ReportData } from "../report-data.js";

/** What the run computed on, and every setting. */
export function settingsSection({ facts }: ReportData): Section {
  const { machine, settings, choices } = facts;
  const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  const rows = Object.entries(settings).filter(
    ([, value]) => value !== undefined && typeof value !== "object",
  );
  const chosen = Object.entries(choices);
  return {
    id: "settings",
    title: "Machine and settings",
    body: html`<h3>Machine and versions</h3>
<dl class="pairs">${machine.map(([word, value]) => html`<dt>${word}</dt><dd>${value}</dd>`)}</dl>
${
  chosen.length > 0 &&
  html`<h3>Chosen by the command</h3><dl class="pairs">${chosen.map(
    ([name, { value, reason }]) => html`<dt><code>--${flagName(name)} ${value}</code></dt><dd>${reason}</dd>`,
  )}</dl>`
}
<details><summary>All settings</summary>
<dl class="pairs">${rows.map(([name, value]) => html`<dt><code>--${flagName(name)}</code></dt><dd>${shown(value)}</dd>`)}</dl></details>`,
  };
}
