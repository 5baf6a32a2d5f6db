import { escapeText } from "../html.js";
import { createScale, type Scale, type ScaleOptions } from "./scale.js";

/** An axis of a chart, and what it is. */
export interface AxisOptions extends ScaleOptions {
  label: string;
}

export interface Frame {
  x: Scale;
  y: Scale;
  /** Grid, ticks and labels as SVG. */
  markup: string;
}

/** The size of charts in their own units. Small, so that their texts can be read on a phone. */
export const chartSize = { width: 460, height: 270 } as const;
const plot = { left: 50, right: 450, top: 8, bottom: 226 } as const;

/** The two axes that show these values. */
export function drawAxes(
  values: { x: Iterable<number>; y: Iterable<number> },
  options: { x: AxisOptions; y: AxisOptions },
): Frame {
  const x = createScale(values.x, [plot.left, plot.right], options.x);
  const y = createScale(values.y, [plot.bottom, plot.top], options.y);
  const parts = [
    ...y.ticks.map(
      (tick) =>
        `<line class="grid-line" x1="${plot.left}" x2="${plot.right}" y1="${place(y.at(tick))}" y2="${place(y.at(tick))}"/>` +
        `<text class="end" x="${plot.left - 6}" y="${place(y.at(tick) + 4)}">${y.format(tick)}</text>`,
    ),
    ...x.ticks.map(
      (tick) =>
        `<line class="grid-line" x1="${place(x.at(tick))}" x2="${place(x.at(tick))}" y1="${plot.top}" y2="${plot.bottom}"/>` +
        `<text class="middle" x="${place(x.at(tick))}" y="${plot.bottom + 17}">${x.format(tick)}</text>`,
    ),
    `<text class="middle" x="${(plot.left + plot.right) / 2}" y="${chartSize.height - 6}">${escapeText(options.x.label)}</text>`,
  ];
  return { x, y, markup: parts.join("") };
}

/** A place as short as it can be seen. */
export function place(value: number): string {
  return String(Math.round(value * 10) / 10);
}
