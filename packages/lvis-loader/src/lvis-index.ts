import { parseLabelTable, stringifyLabelTable } from "@csl/labels";
import type { LvisLabels } from "./assemble-lvis.js";
import { imageName } from "./lvis-columns.js";

/** Name and version of the form below: an index of another one is made again. */
export const LVIS_INDEX = "lvis 3";

/** Samples whose texts become one line: one long JSON text would need as much memory again as the rest. */
const BLOCK = 1024;
const TRAILER = 8;

/**
 * Table (padded to 8 by its own form) · lines of JSON · flags · bytes of the lines u32 · bytes of the flags u32. The
 * first line has frequency, counts and examples, the others have URLs and, where there is none, file names.
 */
export function* encodeLvis({
  table,
  notExhaustive,
  fileNames,
  urls,
  frequency,
  counts,
  examples,
}: LvisLabels): Generator<Uint8Array> {
  yield* stringifyLabelTable(table);
  let bytes = 0;
  const line = (value: unknown): Buffer => {
    const text = Buffer.from(`${JSON.stringify(value)}\n`);
    bytes += text.length;
    return text;
  };
  yield line({ frequency, counts, examples });
  for (let at = 0; at < urls.length; at += BLOCK) {
    yield line(urls.slice(at, at + BLOCK).map((url, i) => url || [fileNames[at + i]]));
  }
  yield notExhaustive;
  const lengths = Buffer.alloc(TRAILER);
  lengths.writeUInt32LE(bytes, 0);
  lengths.writeUInt32LE(notExhaustive.length, 4);
  yield lengths;
}

export function decodeLvis(bytes: Uint8Array): LvisLabels {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const trailerAt = all.length - TRAILER;
  const flagsAt = trailerAt - all.readUInt32LE(trailerAt + 4);
  const linesAt = flagsAt - all.readUInt32LE(trailerAt);
  const fileNames: string[] = [];
  const urls: string[] = [];
  let at = linesAt;
  const nextLine = (): unknown => {
    const end = all.indexOf("\n", at);
    const value: unknown = JSON.parse(all.toString("utf8", at, end));
    at = end + 1;
    return value;
  };
  const { frequency, counts, examples } = nextLine() as Pick<LvisLabels, "frequency" | "counts" | "examples">;
  while (at < flagsAt) {
    for (const item of nextLine() as (string | [string])[]) {
      urls.push(typeof item === "string" ? item : "");
      fileNames.push(typeof item === "string" ? imageName(item) : item[0]);
    }
  }
  const table = parseLabelTable(bytes.subarray(0, linesAt));
  const notExhaustive = bytes.subarray(flagsAt, trailerAt);
  return { table, fileNames, urls, notExhaustive, frequency, counts, examples };
}
