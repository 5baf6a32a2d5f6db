import type { EngineTime, Measurement } from "./measurement.js";

/** A measurement as a table for a terminal, fastest first; the ratio is to wasm, which is on every machine. */
export function formatMeasurement({ network, engines, date }: Measurement): string {
  const base = (engines.find(({ name }) => name === "wasm") ?? engines[0])?.imagesPerSecond ?? Number.NaN;
  const rows = engines.map(({ name, imagesPerSecond, precision = "", failure }) =>
    imagesPerSecond === undefined
      ? [name, "failed", "", failure ?? ""]
      : [name, digits(imagesPerSecond), `${(imagesPerSecond / base).toFixed(2)} x`, precision],
  );
  const table = [["engine", "images/s", "to wasm", "precision"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map(([name, speed, ratio, rest]) =>
    `${name!.padEnd(widths[0]!)}  ${speed!.padStart(widths[1]!)}  ${ratio!.padStart(widths[2]!)}  ${rest}`.trimEnd(),
  );
  return [`A training step of ${network}, ${day(date)}:`, ...lines].join("\n");
}

/** In one line, as `csl engines` lists what is remembered. */
export function formatRemembered({ network, engines, precision, date }: Measurement): string {
  const speed = ({ name, imagesPerSecond }: EngineTime): string =>
    imagesPerSecond === undefined ? `${name} failed` : `${name} ${digits(imagesPerSecond)}`;
  return `${day(date)}, ${network}, ${precision}: ${engines.map(speed).join(", ")} images/s`;
}

/** The day of an ISO 8601 date. */
export function day(date: string): string {
  return date.slice(0, 10);
}

function digits(value: number): string {
  return value < 100 ? value.toPrecision(3) : value.toFixed(0);
}
