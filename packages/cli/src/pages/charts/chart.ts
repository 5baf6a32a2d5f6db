import { escapeText, Html } from "../html.js";
import { chartSize } from "./axes.js";

/** A drawing, by itself and in the frame of a page. */
export interface Chart {
  title: string;
  /** An explanation under the title. */
  note?: string | undefined;
  /** What the colours mean. */
  legend: readonly LegendEntry[];
  /** The elements inside of `<svg>`. */
  drawing: string;
  width: number;
  height: number;
}

export interface LegendEntry {
  name: string;
  /** 1 to 5, as in `series-1`. */
  colour: number;
  dashed?: boolean | undefined;
}

export interface ChartText {
  title: string;
  note?: string | undefined;
}

/** A chart of the usual size. */
export function chart(
  { title, note }: ChartText,
  { drawing, legend = [] }: { drawing: string; legend?: readonly LegendEntry[] },
): Chart {
  return { title, note, legend, drawing, ...chartSize };
}

/** A chart as a figure of a page. */
export function figure({ title, note, legend, drawing, width, height }: Chart): Html {
  const entries = legend.map(
    ({ name, colour, dashed }) =>
      `<span><i class="stroke-${colour}${dashed ? " dashed" : ""}"></i>${escapeText(name)}</span>`,
  );
  const about = note === undefined ? "" : `<span class="note">${escapeText(note)}</span>`;
  return new Html(
    `<figure><figcaption>${escapeText(title)}${about}</figcaption>` +
      (entries.length > 0 ? `<div class="legend">${entries.join("")}</div>` : "") +
      `<svg class="chart" role="img" aria-label="${escapeText(title)}" viewBox="0 0 ${width} ${height}">${drawing}</svg></figure>`,
  );
}
