import { decodeLabelTable, encodeLabelTable } from "@csl/labels";
import type { LvisLabels } from "./assemble-lvis.js";

/** Name and version of the form below: an index of another one is made anew. */
export const LVIS_INDEX = "lvis 1";

type Texts = Pick<LvisLabels, "fileNames" | "urls" | "frequency" | "counts">;

/** Length of the JSON u32 · length of the flags u32 · table (padded to 8 by its own form) · JSON · flags. */
export function encodeLvis({
  table,
  notExhaustive,
  fileNames,
  urls,
  frequency,
  counts,
}: LvisLabels): Uint8Array[] {
  const json = Buffer.from(JSON.stringify({ fileNames, urls, frequency, counts } satisfies Texts));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(json.length, 0);
  lengths.writeUInt32LE(notExhaustive.length, 4);
  return [lengths, encodeLabelTable(table), json, notExhaustive];
}

export function decodeLvis(bytes: Uint8Array): LvisLabels {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const flagsAt = all.length - all.readUInt32LE(4);
  const jsonAt = flagsAt - all.readUInt32LE(0);
  const texts = JSON.parse(all.toString("utf8", jsonAt, flagsAt)) as Texts;
  return {
    table: decodeLabelTable(bytes.subarray(8, jsonAt)),
    ...texts,
    notExhaustive: bytes.subarray(flagsAt),
  };
}
