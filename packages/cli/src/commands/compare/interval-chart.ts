import type { Looked } from "@csl/metrics";
import type { Chart, ChartText } from "../../pages/charts/chart.js";
import { createScale } from "../../pages/charts/scale.js";
import { escapeText } from "../../pages/html.js";
import { signed } from "./format-comparison.js";

const [WIDTH, ROW, LEFT, RIGHT] = [460, 24, 150, 450];
/** Letters of a name that fit beside the intervals; the whole name is shown where the pointer rests. */
const LETTERS = 17;

/** A difference and its corrected interval in each row, around a line at zero. */
export function intervalChart(
  text: ChartText,
  rows: readonly (readonly [name: string, looked: Looked])[],
): Chart {
  const ends = rows.flatMap(
    ([
      ,
      {
        corrected: { low, high },
      },
    ]) => [100 * low, 100 * high],
  );
  const scale = createScale([...ends, 0], [LEFT, RIGHT]);
  const bottom = 6 + ROW * rows.length;
  const at = (fraction: number): string => scale.at(100 * fraction).toFixed(1);
  const grid = scale.ticks.map(
    (tick) =>
      `<line class="grid-line" x1="${scale.at(tick).toFixed(1)}" x2="${scale.at(tick).toFixed(1)}" y1="4" y2="${bottom}"/>` +
      `<text class="middle" x="${scale.at(tick).toFixed(1)}" y="${bottom + 16}">${escapeText(scale.format(tick))}</text>`,
  );
  const drawn = rows.map(
    (
      [
        name,
        {
          value,
          corrected: { low, high },
        },
      ],
      i,
    ) => {
      const y = 6 + ROW * i + ROW / 2;
      const colour = low > 0 ? 3 : high < 0 ? 2 : 5;
      const short = [...name].length > LETTERS ? `${[...name].slice(0, LETTERS - 1).join("")}…` : name;
      const about = `${name}: ${signed(value)}, ${signed(low)} to ${signed(high)}`;
      return (
        `<g><title>${escapeText(about)}</title><text class="end" x="${LEFT - 8}" y="${y + 4}">${escapeText(short)}</text>` +
        `<line class="line stroke-${colour}" x1="${at(low)}" x2="${at(high)}" y1="${y}" y2="${y}"/>` +
        `<circle class="fill-${colour}" cx="${at(value)}" cy="${y}" r="4"/></g>`
      );
    },
  );
  const zero = `<line class="reference" x1="${at(0)}" x2="${at(0)}" y1="4" y2="${bottom}"/>`;
  return {
    ...text,
    note: text.note,
    legend: [
      { name: "better", colour: 3 },
      { name: "worse", colour: 2 },
      { name: "no difference shown", colour: 5 },
    ],
    drawing: grid.join("") + zero + drawn.join(""),
    ...{ width: WIDTH, height: bottom + 22 },
  };
}
