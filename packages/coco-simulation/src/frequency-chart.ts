import { checkOptions, type OptionNames } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { xmlText } from "@csl/internal/text/xml-text";
import type { LabelTable } from "@csl/labels";
import { type ClassFrequency, classFrequencies } from "./class-frequencies.js";

export interface FrequencyChartOptions {
  /** Default: "Class frequencies before and after the simulation". */
  title?: string;
  /** A second line, e.g. the scheme and its seed. Default: the numbers of samples and classes. */
  subtitle?: string;
  /** Classes drawn at most; of longer lists every k-th by rank is shown. Default 100. */
  rows?: number;
}

const optionNames: OptionNames<FrequencyChartOptions> = { title: true, subtitle: true, rows: true };

const COLORS = {
  truth: "#d3dae3",
  kept: "#2f6fb3",
  negative: "#c8641b",
  text: "#1d2733",
  quiet: "#66727f",
  grid: "#dfe4ea",
};
const FONT = "DejaVu Sans, Helvetica Neue, Helvetica, Arial, sans-serif";
const WIDTH = 960;
const ROW = 17;
const RIGHT = 190;
const TOP = 118;
const BOTTOM = 40;

/**
 * Class frequencies before and after a simulation as an SVG: a row per class, most frequent first, on a logarithmic
 * axis. Grey: true positives; blue: positives still annotated; orange tick: annotated negatives.
 */
export function frequencyChart(
  before: LabelTable,
  after: LabelTable,
  options: FrequencyChartOptions = {},
): string {
  checkOptions("frequencyChart", options, optionNames);
  const { title = "Class frequencies before and after the simulation", subtitle, rows = 100 } = options;
  const all = classFrequencies(before, after);
  const shown = everyKth(all, rows);
  const rank = shown.length < all.length ? `, ${count(shown.length)} of them shown, evenly by rank` : "";
  const left = 26 + Math.min(200, Math.max(60, ...shown.map(({ name }) => name.length * 6.4)));
  const most = Math.max(10, ...all.flatMap(({ truth, negatives }) => [truth, negatives]));
  const x = logScale(most, left, WIDTH - RIGHT);
  const height = TOP + shown.length * ROW + BOTTOM;
  const bottom = TOP + shown.length * ROW + 6;
  const second = subtitle ?? `${count(before.numSamples)} samples, ${count(all.length)} classes${rank}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="${FONT}" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(24, 34, title, `font-size="17" font-weight="bold" fill="${COLORS.text}"`),
    text(24, 54, second, `font-size="12" fill="${COLORS.quiet}"`),
    ...legend(24, 80),
    ...grid(most, x, bottom),
    ...columnHeads(),
    ...shown.map((row, i) => classRow(row, TOP + i * ROW, { left, x })),
    "</svg>",
  ].join("\n");
}

/**
 * Writes the chart of `frequencyChart` as SVG or, at twice its size, as PNG: by the ending of `path`. The PNG's texts
 * need a font on the machine (any; bare containers have none).
 *
 * @throws CslError `invalid-argument` for another ending; `cannot-write`.
 */
export async function writeFrequencyChart(
  path: string,
  before: LabelTable,
  after: LabelTable,
  options: FrequencyChartOptions = {},
): Promise<void> {
  checkOptions("writeFrequencyChart", options, optionNames);
  const svg = frequencyChart(before, after, options);
  const speaker = "writeFrequencyChart";
  if (path.toLowerCase().endsWith(".svg")) return writeFileAtomically(path, svg, speaker);
  if (!path.toLowerCase().endsWith(".png"))
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected a path that ends in .svg or .png, got ${JSON.stringify(path)}.`,
    );
  const { default: sharp } = await import("sharp");
  await writeFileAtomically(path, await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer(), speaker);
}

function classRow(
  { name, truth, positives, negatives }: ClassFrequency,
  y: number,
  { left, x }: { left: number; x: (n: number) => number },
): string {
  const middle = y + ROW / 2;
  const bar = (n: number, color: string, inset: number): string =>
    n === 0
      ? ""
      : `<rect x="${left}" y="${y + inset}" width="${r(x(n) - left)}" height="${ROW - 2 * inset}" fill="${color}"/>`;
  const tick =
    negatives === 0
      ? ""
      : `<rect x="${r(x(negatives) - 1.5)}" y="${y + 1.5}" width="3" height="${ROW - 3}" fill="${COLORS.negative}"/>`;
  const numbers = [truth, positives, negatives].map((n, i) =>
    text(columnX(i), middle + 4, count(n), `text-anchor="end" fill="${NUMBER_COLORS[i]}"`),
  );
  const label = name.length > 30 ? `${name.slice(0, 29)}…` : name;
  return [
    text(left - 8, middle + 4, label, `text-anchor="end" fill="${COLORS.text}"`),
    bar(truth, COLORS.truth, 2.5),
    bar(positives, COLORS.kept, 5),
    tick,
    ...numbers,
  ].join("");
}

const NUMBER_COLORS = [COLORS.quiet, COLORS.kept, COLORS.negative];
const columnX = (i: number): number => WIDTH - RIGHT + 66 + i * 52;

function columnHeads(): string[] {
  return ["true", "kept +", "kept −"].map((head, i) =>
    text(columnX(i), TOP - 10, head, `text-anchor="end" font-weight="bold" fill="${NUMBER_COLORS[i]}"`),
  );
}

function legend(x: number, y: number): string[] {
  const items: [mark: string, label: string][] = [
    [
      `<rect x="${x}" y="${y - 9}" width="18" height="10" fill="${COLORS.truth}"/>`,
      "true positives (before)",
    ],
    [
      `<rect x="${x + 180}" y="${y - 7}" width="18" height="6" fill="${COLORS.kept}"/>`,
      "annotated positives (after)",
    ],
    [
      `<rect x="${x + 388}" y="${y - 10}" width="3" height="12" fill="${COLORS.negative}"/>`,
      "annotated negatives (after)",
    ],
  ];
  const labelX = [x + 24, x + 204, x + 397];
  const marks = items.map(
    ([mark, label], i) => mark + text(labelX[i]!, y, label, `font-size="12" fill="${COLORS.text}"`),
  );
  return [...marks, text(x + 590, y, "logarithmic axis", `font-size="12" fill="${COLORS.quiet}"`)];
}

function grid(most: number, x: (n: number) => number, bottom: number): string[] {
  const lines: string[] = [];
  for (let n = 1; n <= most; n *= 10) {
    const at = r(x(n));
    lines.push(`<line x1="${at}" y1="${TOP - 4}" x2="${at}" y2="${bottom}" stroke="${COLORS.grid}"/>`);
    for (const y of [TOP - 10, bottom + 14]) {
      lines.push(text(Number(at), y, count(n), `text-anchor="middle" fill="${COLORS.quiet}"`));
    }
  }
  return lines;
}

/** From 0.7, so that a single sample is a visible bar, to the greatest count. */
function logScale(most: number, left: number, right: number): (n: number) => number {
  const low = Math.log10(0.7);
  const high = Math.log10(most);
  return (n) => left + ((right - left) * (Math.log10(n) - low)) / (high - low);
}

function everyKth(all: readonly ClassFrequency[], rows: number): readonly ClassFrequency[] {
  if (all.length <= rows) return all;
  return Array.from(
    { length: rows },
    (_, i) => all[Math.round((i * (all.length - 1)) / Math.max(1, rows - 1))]!,
  );
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${r(x)}" y="${r(y)}" ${attributes}>${xmlText(content)}</text>`;
}

const r = (n: number): string => String(Math.round(n * 10) / 10);
const count = (n: number): string => n.toLocaleString("en-US");
