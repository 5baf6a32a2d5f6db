import { dataScript, escapeText, Html, html } from "./html.js";

/** A column of a `dataTable`. */
export interface Column {
  title: string;
  /** What its cells are. Fractions are shown in percent. Default: text. */
  kind?: "text" | "number" | "fraction";
  /** Digits behind the point. Default: 2 for fractions, as many as it needs up to 4 for numbers. */
  digits?: number;
  /** A longer explanation. */
  hint?: string;
}

export type Cell = string | number | null;

export interface TableOptions {
  /** Unique on the page. */
  id: string;
  /** What the rows are, for readers that do not see the table. */
  caption: string;
  columns: readonly Column[];
  rows: readonly (readonly Cell[])[];
  /** A column's index; the rows come in their own order without it. */
  sort?: { column: number; descending?: boolean };
}

/** Tables with no more rows than this are as wide as their content; longer ones keep their width while they scroll. */
const FEW = 12;

/** Rows that are in the page's markup: what is there without a script. The script shows them all, those in sight as elements. */
const WRITTEN = 50;

/**
 * A table that sorts by its columns' headings and, if it is long, is filtered by a box above it. Ten thousand rows stay quick:
 * they are data, and only those in sight are elements. On paper the first thousand are printed.
 */
export function dataTable({ id, caption, columns, rows, sort }: TableOptions): Html {
  const ordered = sort ? sortedRows(rows, sort) : rows;
  const cells = columns.map(({ kind = "text", digits }) => ({ kind, digits: digits ?? null }));
  const head = columns.map(({ title, kind, hint }, i) => {
    const direction = sort?.column === i ? (sort.descending ? "descending" : "ascending") : "none";
    const type = kind === undefined || kind === "text" ? "" : ' class="number"';
    const about = hint === undefined ? "" : ` title="${escapeText(hint)}"`;
    return `<th scope="col" aria-sort="${direction}"${type}${about}><button type="button">${escapeText(title)}</button></th>`;
  });
  const body = ordered.slice(0, WRITTEN).map((row) => {
    const shown = row.map((cell, i) => {
      const text = escapeText(formatCell(cell, columns[i]!));
      return columns[i]!.kind === undefined || columns[i]!.kind === "text"
        ? `<td title="${text}">${text}</td>`
        : `<td class="number">${text}</td>`;
    });
    return `<tr>${shown.join("")}</tr>`;
  });
  return html`<div class="table${rows.length <= FEW && " few"}" data-table="${id}">
<div class="rows" tabindex="0" role="region" aria-label="${caption}"><table>
<caption hidden>${caption}</caption>
<thead><tr>${new Html(head.join(""))}</tr></thead>
<tbody>${new Html(body.join("\n"))}</tbody>
</table></div>
${dataScript(id, { columns: cells, rows: ordered })}</div>`;
}

/** Empty cells come last either way. */
function sortedRows(
  rows: readonly (readonly Cell[])[],
  { column, descending = false }: NonNullable<TableOptions["sort"]>,
): (readonly Cell[])[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [one[column] ?? null, other[column] ?? null];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return sign * (a < b ? -1 : a > b ? 1 : 0);
  });
}

/** A cell as it is shown; the page's script does the same. */
function formatCell(cell: Cell, { kind = "text", digits }: Column): string {
  if (cell === null) return "–";
  if (typeof cell === "string" || kind === "text") return String(cell);
  if (kind === "fraction") return `${(100 * cell).toFixed(digits ?? 2)} %`;
  return digits === undefined ? String(Number(cell.toPrecision(4))) : cell.toFixed(digits);
}
