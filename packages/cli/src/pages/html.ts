import { printable, printableLines } from "@csl/internal/text/printable";
import { xmlText } from "@csl/internal/text/xml-text";

/** Markup. What is no `Html` is text: a class's name or a path can never become markup. */
export class Html {
  constructor(readonly markup: string) {}
  toString(): string {
    return this.markup;
  }
}

/** What may stand in a template of `html`. `undefined`, `null` and `false` are left out. */
export type Content = Html | string | number | undefined | null | false | readonly Content[];

/** A template of markup: ``html`<b title="${name}">${name}</b>` ``. Every value is escaped, except `Html`. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(parts.reduce((text, part, i) => text + markupOf(values[i - 1]) + part));
}

/** A text as the content or a quoted attribute of an element, marks of direction and control characters written out. */
export function escapeText(text: string): string {
  if (plain.test(text)) return text;
  return xmlText(printableLines(text).replaceAll("\n", " "));
}

/** Most texts. */
const plain = /^[\w .,:;%()/–+-]*$/;

function markupOf(value: Content): string {
  if (value instanceof Html) return value.markup;
  if (value === undefined || value === null || value === false) return "";
  if (typeof value === "object") return value.map(markupOf).join("");
  return escapeText(String(value));
}

/** Data for a script of the page, which finds it by its id: `JSON.parse(document.getElementById(id).textContent)`. */
export function dataScript(id: string, value: unknown): Html {
  const json = printable(JSON.stringify(value)).replaceAll("<", "\\u003c");
  return new Html(`<script type="application/json" id="${escapeText(id)}">${json}</script>`);
}
