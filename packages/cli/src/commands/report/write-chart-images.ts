import { join } from "node:path";
import sharp from "sharp";
import { fontFamily, registerFonts } from "../../drawing/fonts.js";
import { writeWhole } from "../../files/write-json.js";
import { claimOutputs } from "../../outputs/claim-outputs.js";
import { outputKinds } from "../../outputs/output-kinds.js";
import { signPng } from "../../outputs/sign-png.js";
import type { Chart } from "../../pages/charts/chart.js";
import { chartStyle } from "../../pages/charts/chart-style.js";
import { withoutVariables } from "../../pages/colours.js";
import { escapeText } from "../../pages/html.js";
import { type ReportData, readReportData, reportDataName } from "../../report/report-data.js";
import { readHistory } from "../../report/run-history.js";
import { galleryKinds } from "../../report/scored-images.js";
import { reliabilityChart } from "../../report/sections/calibration.js";
import { frequencyChart } from "../../report/sections/classes.js";
import { curveCharts } from "../../report/sections/curves.js";
import { galleryTitles } from "../../report/sections/gallery.js";
import { priorChart } from "../../report/sections/prior.js";

/** Room around a chart, and for its title. */
const MARGIN = 12;
const TITLE = 44;
const SHOWN = 6;
const CHARTS = 4;
/** Letters of a class's name that fit under an image. */
const LETTERS = 11;

/**
 * Writes charts and gallery of a training as PNG, for a README.
 *
 * @returns the paths
 */
export async function writeChartImages(
  run: string,
  folder: string,
  { overwrite }: { overwrite: boolean },
): Promise<string[]> {
  const history = await readHistory(join(run, "log.jsonl"));
  const data = await readReportData(join(run, reportDataName));
  const [scores, , loss] = curveCharts(history);
  const charts = [
    // One validation is a dot.
    history.validations.size > 1 ? scores : undefined,
    ...[loss, data && frequencyChart(data), data && priorChart(data)],
    data?.validation && reliabilityChart(data.validation.reliability),
  ].filter((chart) => chart !== undefined);
  const images: Record<string, string> = {
    "charts.png": chartsDrawing(charts.slice(0, CHARTS)),
    ...(data?.validation && { "gallery.png": galleryDrawing(data) }),
  };
  const outputs = Object.keys(images).map((name) => ({
    path: join(folder, name),
    flag: "--images",
    kind: outputKinds.reportImage,
  }));
  await claimOutputs("csl report", outputs, { inputs: [], overwrite });
  await registerFonts();
  for (const [name, svg] of Object.entries(images)) {
    const png = await sharp(Buffer.from(svg)).png({ palette: true, colours: 128 }).toBuffer();
    await writeWhole(join(folder, name), signPng(png, "csl report"));
  }
  return outputs.map(({ path }) => path);
}

/** Two beside each other. */
function chartsDrawing(charts: readonly Chart[]): string {
  const width = Math.max(...charts.map((chart) => chart.width)) + 2 * MARGIN;
  const height = Math.max(...charts.map((chart) => chart.height)) + TITLE + MARGIN;
  const parts = charts.map(({ title, legend, drawing }, i) => {
    const [x, y] = [(i % 2) * width + MARGIN, Math.floor(i / 2) * height];
    let at = 0;
    const entries = legend.map(({ name, colour, dashed }) => {
      const entry = `<line class="line stroke-${colour}${dashed ? " dashed" : ""}" x1="${at}" x2="${at + 18}" y1="34" y2="34"/><text x="${at + 23}" y="38">${escapeText(name)}</text>`;
      at += 40 + 7.2 * name.length;
      return entry;
    });
    return `<g transform="translate(${x} ${y})"><text class="title" y="18">${escapeText(title)}</text>${entries.join("")}<g transform="translate(0 ${TITLE})">${drawing}</g></g>`;
  });
  return svg(2 * width, Math.ceil(charts.length / 2) * height, parts.join(""));
}

/** A row for each kind that has images. */
function galleryDrawing({ facts, validation }: ReportData): string {
  const [side, row] = [96, 150];
  const kinds = galleryKinds.filter((kind) => validation!.gallery[kind].length > 0);
  const parts = kinds.map((kind, r) => {
    const { title, note } = galleryTitles[kind];
    const images = validation!.gallery[kind].slice(0, SHOWN).map(({ classIndex, probability, src }, i) => {
      const x = MARGIN + i * (side + 10);
      const whole = facts.classes.names[classIndex]!;
      const short = whole.length > LETTERS ? `${whole.slice(0, LETTERS - 1)}…` : whole;
      const name = `${short} ${(100 * probability).toFixed(0)} %`;
      return `<image href="${src}" x="${x}" y="26" width="${side}" height="${side}" preserveAspectRatio="xMidYMid slice"/><text x="${x}" y="138" style="font-size:11px">${escapeText(name)}</text>`;
    });
    const heading = `<text class="title" x="${MARGIN}" y="18">${escapeText(title)}<tspan dx="8" class="note">${escapeText(note)}</tspan></text>`;
    return `<g transform="translate(0 ${r * row + 4})">${heading}${images.join("")}</g>`;
  });
  return svg(SHOWN * (side + 10) + 2 * MARGIN, kinds.length * row + MARGIN, parts.join(""));
}

function svg(width: number, height: number, content: string): string {
  const style = withoutVariables(
    `${chartStyle}\n.chart .title{font-size:14px;font-weight:bold;fill:var(--ink)}.chart .note{font-size:11px;font-weight:normal;fill:var(--faint)}`,
  ).replaceAll('system-ui,"DejaVu Sans",sans-serif', `"${fontFamily}"`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><style>${style}</style><rect width="100%" height="100%" fill="#fff"/><g class="chart">${content}</g></svg>`;
}
