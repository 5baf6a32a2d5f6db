import type { LoadReport } from "@csl/tresnet";
import type { ModelFile } from "./read-model-file.js";

/** What became of each tensor of a file and of the model, by their keys. */
export interface WeightsReport {
  file: string;
  /** Where in the file the weights were, and what was before each of their keys. */
  part: string;
  prefix: string;
  loaded: string[];
  /** Tensors of the model that keep their initial values, and why. */
  new: string[];
  why: string;
  missing: string[];
  otherShape: { key: string; expected: number[]; got: number[] }[];
  /** Tensors of the file that the model does not have. */
  notUsed: string[];
  /** Tensors of the file whose dtype is not read, as `key (dtype)`. */
  notRead: string[];
  /** Rows of the head by class id, where single ones were taken over. */
  headRows?: { taken: string[]; new: string[] };
}

/**
 * @param name what to call the file
 * @param head what to say of the head where it is new, or only some of its rows were taken over
 */
export function weightsReport(
  { part, prefix, beside, unread }: ModelFile,
  { loaded, missing, unexpected, mismatched }: LoadReport,
  name: string,
  head: { why?: string; unused?: readonly string[]; rows?: WeightsReport["headRows"] } = {},
): WeightsReport {
  const isNew = (key: string): boolean => head.why !== undefined && key.startsWith("head.");
  return {
    ...{ file: name, part, prefix, loaded },
    new: missing.filter(isNew),
    why: head.why ?? "",
    missing: missing.filter((key) => !isNew(key)),
    otherShape: mismatched,
    notUsed: [...unexpected, ...(head.unused ?? []), ...beside],
    notRead: unread.map(({ key, dtype }) => `${key} (${dtype})`),
    ...(head.rows && { headRows: head.rows }),
  };
}

/** Whether there is more to say than that all weights of a file were loaded. */
export function isNotable({ part, prefix, ...report }: WeightsReport): boolean {
  const lists = [report.new, report.missing, report.otherShape, report.notUsed, report.notRead];
  return part !== "" || prefix !== "" || lists.some((list) => list.length > 0);
}

/** The report in a few lines: the number of keys of each kind, and the first of them. */
export function formatWeightsReport(report: WeightsReport): string {
  const { file, part, prefix, loaded, why, headRows } = report;
  const reshaped = report.otherShape.map(({ key, expected, got }) => `${key} [${got}] for [${expected}]`);
  const lines = [
    `weights: ${file}${part === "" ? "" : `, its ${part}`}${prefix === "" ? "" : `, without "${prefix}" before each key`}`,
    line("loaded", loaded),
    line("new", report.new, why),
    line("missing", report.missing),
    line("of another shape", reshaped),
    line("not used", report.notUsed),
    line("not read", report.notRead),
    headRows && line("rows of the head taken over", headRows.taken),
    headRows && line("new rows of the head", headRows.new),
  ];
  return lines.filter((text) => text).join("\n");
}

const shown = 3;

function line(what: string, keys: readonly string[], why = ""): string {
  if (keys.length === 0) return "";
  const more = keys.length > shown ? ", …" : "";
  return `  ${what}: ${keys.length}${why === "" ? "" : `, since ${why}`} (${keys.slice(0, shown).join(", ")}${more})`;
}
