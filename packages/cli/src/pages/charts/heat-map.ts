import { escapeText } from "../html.js";
import { place } from "./axes.js";
import type { Chart, ChartText } from "./chart.js";

/** Room for names, in units of the chart. */
const NAMES = 120;
const WIDTH = 460;
/** Room for the end of the last column's name, which is slanted. */
const END = 30;
/** Letters of a name that fit. */
const LETTERS = 17;

/** Fractions of rows and columns as fields, darker where they are larger. */
export function heatMap(
  { title, note }: ChartText,
  {
    rows,
    columns,
    values,
  }: { rows: readonly string[]; columns: readonly string[]; values: readonly (readonly number[])[] },
): Chart {
  const side = Math.min(32, (WIDTH - NAMES - END) / Math.max(1, columns.length));
  const largest = Math.max(1e-9, ...values.flat());
  const cut = (name: string): string =>
    escapeText(name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name);
  const names = [
    ...columns.map((name, i) => {
      const x = place(NAMES + (i + 0.65) * side);
      return `<text transform="translate(${x} ${NAMES - 6}) rotate(-60)">${cut(name)}</text>`;
    }),
    ...rows.map(
      (name, i) =>
        `<text class="end" x="${NAMES - 6}" y="${place(NAMES + (i + 0.65) * side)}">${cut(name)}</text>`,
    ),
  ];
  const fields = values.flatMap((row, r) =>
    row.map((value, c) => {
      const corner = `x="${place(NAMES + c * side)}" y="${place(NAMES + r * side)}"`;
      const about = `${rows[r]}, ${columns[c]}: ${(100 * value).toFixed(1)} %`;
      return `<rect class="fill-1" fill-opacity="${(0.04 + 0.96 * (value / largest)).toFixed(2)}" ${corner} width="${place(side - 1)}" height="${place(side - 1)}"><title>${escapeText(about)}</title></rect>`;
    }),
  );
  return {
    ...{ title, note, legend: [], width: WIDTH, height: NAMES + rows.length * side + 4 },
    drawing: names.join("") + fields.join(""),
  };
}
