import { decodeLabelTable, encodeLabelTable } from "@csl/labels";
import type { LvisLabels } from "./assemble-lvis.js";
import { pictureName } from "./picture-name.js";

/** Name and version of the form below: an index of another one is made anew. */
export const LVIS_INDEX = "lvis 1";

/** Samples whose texts become one line: one long JSON text would need as much memory again as the rest. */
const BLOCK = 4096;

/**
 * Bytes of the lines u32 · bytes of the flags u32 · table (padded to 8 by its own form) · lines of JSON · flags. The
 * first line has frequency and counts, the others have URLs and then, where there is none, file names.
 */
export function encodeLvis({
  table,
  notExhaustive,
  fileNames,
  urls,
  frequency,
  counts,
}: LvisLabels): Uint8Array[] {
  const line = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);
  const lines = [line({ frequency, counts })];
  for (let at = 0; at < urls.length; at += BLOCK) {
    const block = urls.slice(at, at + BLOCK);
    lines.push(line(block.map((url, i) => url || [fileNames[at + i]])));
  }
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(
    lines.reduce((total, { length }) => total + length, 0),
    0,
  );
  lengths.writeUInt32LE(notExhaustive.length, 4);
  return [lengths, encodeLabelTable(table), ...lines, notExhaustive];
}

export function decodeLvis(bytes: Uint8Array): LvisLabels {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const flagsAt = all.length - all.readUInt32LE(4);
  const linesAt = flagsAt - all.readUInt32LE(0);
  const fileNames: string[] = [];
  const urls: string[] = [];
  let at = linesAt;
  const nextLine = (): unknown => {
    const end = all.indexOf("\n", at);
    const value: unknown = JSON.parse(all.toString("utf8", at, end));
    at = end + 1;
    return value;
  };
  const { frequency, counts } = nextLine() as Pick<LvisLabels, "frequency" | "counts">;
  while (at < flagsAt) {
    for (const item of nextLine() as (string | [string])[]) {
      urls.push(typeof item === "string" ? item : "");
      fileNames.push(typeof item === "string" ? pictureName(item) : item[0]);
    }
  }
  const table = decodeLabelTable(bytes.subarray(8, linesAt));
  return { table, fileNames, urls, notExhaustive: bytes.subarray(flagsAt), frequency, counts };
}
