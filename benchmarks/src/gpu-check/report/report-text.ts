import type { CaseResult } from "../speed/case-result.js";
import { contestants } from "../speed/contestants.js";
import { goals, ratio } from "../speed/ratio.js";
import type { Task } from "../speed/speed-cases.js";
import { alignColumns } from "./align-columns.js";
import type { PartReport, Report } from "./report.js";

const titles: Readonly<Record<Task, string>> = { train: "Training", infer: "Inference" };
const absent = "–";

/** The report for people: what was found, part by part, and a table of speeds for each task. */
export function reportText({ device, machine, started, seconds, budget, parts, cases }: Report): string {
  const about = Object.entries(machine).map(([name, value]) => [name, value]);
  return [
    `gpu-check on ${device}, ${started}, ${seconds.toFixed(0)} s of ${budget.toFixed(0)} s`,
    "",
    ...alignColumns(about, "l"),
    "",
    ...parts.flatMap(partLines),
    ...(["train", "infer"] as const).flatMap((task) => speedLines(task, cases)),
    ...missingLines(cases),
  ]
    .join("\n")
    .concat("\n");
}

function partLines({ name, status, seconds, lines = [], reason }: PartReport): string[] {
  const why = reason === undefined ? [] : [`  ${reason}`];
  return [`${name}: ${status}, ${seconds.toFixed(0)} s`, ...lines.map((line) => `  ${line}`), ...why];
}

function speedLines(task: Task, cases: readonly CaseResult[]): string[] {
  const measured = cases.filter(
    (result) => result.case.task === task && Object.keys(result.measured).length > 0,
  );
  if (measured.length === 0) return [];
  const header = ["network", "size", "batch"];
  const rows = measured.map((result) => {
    const { network, size, batch } = result.case;
    const speeds = contestants.map(({ name }) => {
      const one = result.measured[name];
      return one?.imagesPerSecond?.toFixed(0) ?? (one?.error === undefined ? absent : "error");
    });
    const value = ratio(result);
    const reached = value === undefined ? absent : value >= goals[task] ? "yes" : "no";
    return [network, `${size}`, `${batch}`, ...speeds, value?.toFixed(2) ?? absent, reached, memory(result)];
  });
  const names = contestants.map(({ name, side }) => `${side === "ours" ? "CSL" : side} ${name}`);
  const goal = `≥ ${goals[task].toFixed(1)}`;
  return [
    "",
    `${titles[task]}, images a second; ratio: CSL's best to PyTorch's best; peak memory of those two in GiB`,
    "",
    ...alignColumns([[...header, ...names, "ratio", goal, "memory"], ...rows], "lrr"),
  ];
}

/** Peak memory of the fastest of either side. */
function memory({ measured }: CaseResult): string {
  const of = (side: string): string => {
    const own = contestants.filter((one) => one.side === side).flatMap(({ name }) => measured[name] ?? []);
    const fastest = own.reduce<(typeof own)[number] | undefined>(
      (most, one) => ((one.imagesPerSecond ?? 0) > (most?.imagesPerSecond ?? 0) ? one : most),
      undefined,
    );
    return fastest?.peakGb?.toFixed(1) ?? absent;
  };
  return `${of("ours")} / ${of("PyTorch")}`;
}

/** What was not measured, and every error of a contestant. */
function missingLines(cases: readonly CaseResult[]): string[] {
  const lines = cases.flatMap(({ case: { task, network, size, batch }, measured, reason }) => {
    const place = `${task} ${network}, ${size} pixels, batch ${batch}`;
    const errors = Object.entries(measured).flatMap(([name, { error }]) =>
      error === undefined ? [] : [`${place}, ${name}: ${error}`],
    );
    return [...(reason === undefined ? [] : [`${place}: ${reason}`]), ...errors];
  });
  return lines.length > 0 ? ["", "Not measured:", ...lines.map((line) => `  ${line}`)] : [];
}
