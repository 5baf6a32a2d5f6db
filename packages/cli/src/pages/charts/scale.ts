/** Where values of an axis lie on a chart. */
export interface Scale {
  /** A value's place in units of the chart. */
  at(value: number): number;
  /** Values for grid lines. */
  ticks: readonly number[];
  /** A tick as it is written. */
  format(value: number): string;
}

export interface ScaleOptions {
  /** Default: linear. A logarithmic axis has no place for values of 0 and less: they lie on its lower end. */
  kind?: "linear" | "log";
  /** Values that must be on the axis, besides those of the data. */
  from?: number | undefined;
  to?: number | undefined;
  /** Fractions are written in percent. */
  unit?: "percent" | undefined;
  /** No grid lines between whole numbers, as of epochs. */
  whole?: boolean;
}

/** A scale that shows all finite `values` between two places. */
export function createScale(
  values: Iterable<number>,
  [start, end]: readonly [start: number, end: number],
  { kind = "linear", from, to, unit, whole = false }: ScaleOptions = {},
): Scale {
  const isPlaced = (value: number): boolean => Number.isFinite(value) && (kind === "linear" || value > 0);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const include = (value: number | undefined): void => {
    if (value === undefined || !isPlaced(value)) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  for (const value of values) include(value);
  include(from);
  include(to);
  if (low > high) [low, high] = kind === "log" ? [1, 10] : [0, 1];
  // Over less than half a power of ten the two look the same, and a linear axis has more to read.
  const scale = kind === "log" && high / low >= 3 ? logarithmic(low, high) : linear(low, high, whole ? 1 : 0);
  const { ticks } = scale;
  const [bottom, top] = [scale.map(scale.low), scale.map(scale.high)];
  const at = (value: number): number => {
    const place = isPlaced(value) ? scale.map(value) : bottom;
    return start + ((place - bottom) / (top - bottom)) * (end - start);
  };
  return { at, ticks, format: (value) => formatTick(value, unit) };
}

interface Axis {
  low: number;
  high: number;
  ticks: number[];
  map(value: number): number;
}

/** Ends on ticks, which are 1, 2 or 5 times a power of ten apart: about five of them. */
function linear(least: number, most: number, smallest: number): Axis {
  const span = most > least ? most - least : Math.abs(least) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 5));
  const wanted = power * ([1, 2, 5, 10].find((factor) => (factor * power * 5) / span >= 0.99) ?? 10);
  const step = Math.max(wanted, smallest);
  let first = Math.floor(least / step + 1e-9);
  let last = Math.ceil(most / step - 1e-9);
  // A single value is in the middle, and not on the axis.
  if (last === first) {
    last++;
    if (least > 0) first--;
  }
  const ticks = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
  return { low: ticks[0]!, high: ticks.at(-1)!, ticks, map: (value) => value };
}

/** Ends on powers of ten, or on 1, 2 and 5 times such where it shows less than two of them. */
function logarithmic(least: number, most: number): Axis {
  const [from, to] = [Math.floor(Math.log10(least) + 1e-9), Math.ceil(Math.log10(most) - 1e-9)];
  const skip = Math.max(1, Math.ceil((to - from) / 6));
  const wide = to - from >= 3;
  const all: number[] = [];
  for (let power = from; power <= to; power += wide ? skip : 1)
    for (const factor of wide ? [1] : [1, 2, 5]) all.push(Number((factor * 10 ** power).toPrecision(3)));
  const below = all.filter((tick) => tick <= least * 1.0001).length - 1;
  const above = all.findIndex((tick) => tick >= most * 0.9999);
  const ticks = all.slice(Math.max(0, below), above < 0 ? all.length : above + 1);
  if (ticks.length < 2) ticks.push(ticks[0]! * 10);
  return { low: Math.min(ticks[0]!, least), high: Math.max(ticks.at(-1)!, most), ticks, map: Math.log10 };
}

/** A number as axes have it: 1500000 → 1.5M. */
export function formatTick(value: number, unit?: "percent"): string {
  if (unit === "percent") return `${trimmed(100 * value)} %`;
  const size = Math.abs(value);
  if (size >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (size >= 1e4) return `${trimmed(value / 1e3)}k`;
  if (size > 0 && size < 1e-3) {
    const [digits, power] = value.toExponential(2).split("e") as [string, string];
    return `${trimmed(Number(digits))}e${power.replace("-", "−")}`;
  }
  return trimmed(value);
}

const trimmed = (value: number): string => String(Number(value.toPrecision(4))).replace("-", "−");
