import { escapeText } from "../html.js";
import { type AxisOptions, drawAxes, type Frame, place } from "./axes.js";
import { type Chart, type ChartText, chart } from "./chart.js";

export interface Dot {
  x: number;
  y: number;
  /** Shown where the pointer rests. */
  name: string;
}

export interface DotGroup {
  name: string;
  dots: readonly Dot[];
}

/** With more dots their names would make the page large: they are in the tables. */
const NAMED_DOTS = 1200;

/** A dot for each thing, in groups by colour. */
export function scatterChart(
  text: ChartText,
  {
    x,
    y,
    groups,
    diagonal = false,
    level,
  }: {
    x: AxisOptions;
    y: AxisOptions;
    groups: readonly DotGroup[];
    /** A line where both values are equal. */
    diagonal?: boolean;
    /** A line at a value of y. */
    level?: { name: string; y: number } | undefined;
  },
): Chart {
  const shown = groups.filter(({ dots }) => dots.length > 0);
  const all = shown.flatMap(({ dots }) => dots);
  const ys = all.map((dot) => dot.y);
  const axes = drawAxes({ x: all.map((dot) => dot.x), y: level ? [...ys, level.y] : ys }, { x, y });
  const named = all.length <= NAMED_DOTS;
  const parts = shown.map(({ dots }, i) => {
    const colour = (i % 5) + 1;
    const at = (dot: Dot): readonly [string, string] => [place(axes.x.at(dot.x)), place(axes.y.at(dot.y))];
    if (!named) {
      const path = dots.map((dot) => `M${at(dot).join(" ")}h0`).join("");
      return `<path class="dots stroke-${colour}" d="${path}"/>`;
    }
    return dots
      .map((dot) => {
        const [cx, cy] = at(dot);
        const about = `${dot.name}: ${axes.x.format(dot.x)}, ${axes.y.format(dot.y)}`;
        return `<circle class="fill-${colour}" fill-opacity=".6" cx="${cx}" cy="${cy}" r="3"><title>${escapeText(about)}</title></circle>`;
      })
      .join("");
  });
  const equal = diagonal ? `<path class="reference" d="${equalLine(axes)}"/>` : "";
  const height = level ? place(axes.y.at(level.y)) : "";
  const line = level ? `<line class="reference" x1="50" x2="450" y1="${height}" y2="${height}"/>` : "";
  return chart(text, {
    drawing: axes.markup + equal + line + parts.join(""),
    legend: [
      ...(shown.length > 1 ? shown.map(({ name }, i) => ({ name, colour: (i % 5) + 1 })) : []),
      ...(level ? [{ name: level.name, colour: 5, dashed: true }] : []),
    ],
  });
}

/** Where both values are equal, as far as both axes show it: curved where one axis is logarithmic and the other is not. */
function equalLine({ x, y }: Frame): string {
  const low = Math.max(x.ticks[0]!, y.ticks[0]!);
  const high = Math.min(x.ticks.at(-1)!, y.ticks.at(-1)!);
  if (low >= high) return "";
  const points = Array.from({ length: 33 }, (_, i) => {
    const value = low > 0 ? low * (high / low) ** (i / 32) : low + ((high - low) * i) / 32;
    return `${place(x.at(value))} ${place(y.at(value))}`;
  });
  return `M${points.join("L")}`;
}
