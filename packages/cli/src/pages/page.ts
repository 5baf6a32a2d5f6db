import { createHash } from "node:crypto";
import { dataTables } from "./browser/data-tables.js";
import { chartStyle } from "./charts/chart-style.js";
import { colourVariables } from "./colours.js";
import { escapeText, type Html } from "./html.js";
import { pageStyle } from "./page-style.js";

/** A part of a page, which its navigation names. */
export interface Section {
  /** As in `#id`. */
  id: string;
  title: string;
  body: Html;
}

interface PageOptions {
  title: string;
  /** What made it, as the file says at its beginning: by this a command knows its own pages. Default: csl. */
  generator?: string;
  /** Under the title. */
  lead?: Html;
  sections: readonly Section[];
  /** More rules of CSS. */
  style?: string;
  /**
   * What runs in the browser once the page is there. A function becomes text: it may use nothing from outside of
   * itself. It finds its data by `dataScript`'s ids.
   */
  scripts?: readonly (() => void)[];
}

/**
 * A page that is one file: it asks no network, and its policy forbids it to. Scripts run by their hash only, so that no
 * markup in a text could run one.
 */
export function page({
  title,
  generator = "csl",
  lead,
  sections,
  style = "",
  scripts = [],
}: PageOptions): string {
  const programs = [dataTables, ...scripts].map(programOf);
  const css = `${colourVariables}\n${pageStyle}\n${chartStyle}\n${style}`;
  const nav = sections.map(({ id, title }) => `<a href="#${escapeText(id)}">${escapeText(title)}</a>`);
  const parts = sections.map(
    ({ id, title, body }) =>
      `<section id="${escapeText(id)}"><h2>${escapeText(title)}</h2>\n${body}\n</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="${escapeText(generator)}">
<meta http-equiv="Content-Security-Policy" content="${policy(programs)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeText(title)}</title>
<link rel="icon" href="data:,">
<style>${css}</style>
</head>
<body>
<header><h1>${escapeText(title)}</h1>${lead ?? ""}</header>
${sections.length > 1 ? `<nav aria-label="Sections">${nav.join("")}</nav>` : ""}
<main>
${parts.join("\n")}
</main>
${programs.map((program) => `<script>${program}</script>`).join("\n")}
</body>
</html>
`;
}

/**
 * The same page for a browser that a server on this machine keeps up to date: `program` runs in it, too, and may ask that
 * server.
 */
export function withLiveScript(text: string, program: () => void): string {
  const script = programOf(program);
  return text
    .replace("script-src ", `connect-src 'self'; script-src ${hashOf(script)} `)
    .replace(/<\/body>\s*<\/html>\s*$/, () => `<script>${script}</script>\n</body>\n</html>\n`);
}

function policy(programs: readonly string[]): string {
  return [
    "default-src 'none'",
    "img-src data: blob:",
    "style-src 'unsafe-inline'",
    `script-src ${programs.map(hashOf).join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** A function as a program. Runners of TypeScript wrap inner functions into `__name`, which exists in them only. */
function programOf(run: () => void): string {
  const text = `{const __name=(f)=>f;(${run.toString()})();}`;
  return text.replaceAll("</", "<\\/");
}

function hashOf(program: string): string {
  return `'sha256-${createHash("sha256").update(program).digest("base64")}'`;
}
