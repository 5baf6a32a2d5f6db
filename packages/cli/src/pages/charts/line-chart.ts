import { escapeText } from "../html.js";
import { type AxisOptions, drawAxes, place } from "./axes.js";
import { type Chart, type ChartText, chart } from "./chart.js";

export type Point = readonly [x: number, y: number];

export interface Line {
  name: string;
  points: readonly Point[];
  dashed?: boolean;
  /** A mark at each point. Default: where there are few. */
  marks?: boolean;
  /** Around the line, such as an interval: x, lower and upper end. */
  band?: readonly (readonly [x: number, low: number, high: number])[];
}

/** Lines over a common axis. Points that are not finite are left out; without any point the chart says so. */
export function lineChart(
  text: ChartText,
  {
    x,
    y,
    lines,
    reference,
  }: {
    x: AxisOptions;
    y: AxisOptions;
    lines: readonly Line[];
    /** A value that the others are compared with. */
    reference?: { name: string; y: number } | undefined;
  },
): Chart {
  const drawn = lines
    .map((line) => ({ ...line, points: line.points.filter(isFinitePoint) }))
    .filter(({ points, band }) => points.length > 0 || (band?.length ?? 0) > 0);
  const xs = drawn.flatMap(({ points, band = [] }) => [...points, ...band].map(([at]) => at));
  const ys = drawn.flatMap(({ points, band = [] }) => [
    ...points.map(([, value]) => value),
    ...band.flatMap(([, low, high]) => [low, high]),
  ]);
  const axes = drawAxes({ x: xs, y: reference ? [...ys, reference.y] : ys }, { x, y });
  const at = ([px, py]: Point): string => `${place(axes.x.at(px))} ${place(axes.y.at(py))}`;
  const parts = drawn.map(({ name, points, dashed, marks = points.length <= 40, band = [] }, i) => {
    const colour = (i % 5) + 1;
    const area =
      band.length > 0
        ? `<path class="band fill-${colour}" d="M${band.map(([px, , high]) => at([px, high])).join("L")}L${[
            ...band,
          ]
            .reverse()
            .map(([px, low]) => at([px, low]))
            .join("L")}Z"/>`
        : "";
    const line = `<path class="line stroke-${colour}${dashed ? " dashed" : ""}" d="M${points.map(at).join("L")}"/>`;
    const dots = marks ? points.map((point) => dot(point, name, colour)) : [];
    return area + (points.length > 1 ? line : "") + dots.join("");
  });
  const level = reference ? place(axes.y.at(reference.y)) : "";
  const base = reference ? `<line class="reference" x1="50" x2="450" y1="${level}" y2="${level}"/>` : "";
  const empty = drawn.length === 0 ? '<text class="middle" x="250" y="120">nothing yet</text>' : "";
  return chart(text, {
    drawing: axes.markup + base + parts.join("") + empty,
    legend: [
      ...drawn.map(({ name, dashed }, i) => ({ name, colour: (i % 5) + 1, dashed })),
      ...(reference ? [{ name: reference.name, colour: 5, dashed: true }] : []),
    ],
  });

  function dot(point: Point, name: string, colour: number): string {
    const [cx, cy] = at(point).split(" ");
    const about = `${x.label} ${axes.x.format(point[0])}: ${axes.y.format(point[1])}`;
    return `<circle class="fill-${colour}" cx="${cx}" cy="${cy}" r="3"><title>${escapeText(name)}, ${escapeText(about)}</title></circle>`;
  }
}

const isFinitePoint = ([x, y]: Point): boolean => Number.isFinite(x) && Number.isFinite(y);
