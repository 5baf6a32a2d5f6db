import {
  ClassList,
  Label,
  LabelTable,
  parseLabelTable,
  type SampleIds,
  stringifyLabelTable,
} from "@csl/labels";
import type { ProcessedCsv } from "./processed-split.js";

interface Header {
  report: ProcessedCsv["report"];
  /** Bytes of the table and of the names. */
  splits: { name: string; table: number; names: number }[];
}

/** Header as JSON behind its length, then every split's table and file names, each padded to 8. */
export function encodeProcessed({ splits, report }: ProcessedCsv): Uint8Array[] {
  const header: Header = { report, splits: [] };
  const parts: Uint8Array[] = [];
  const add = (table: LabelTable): number => {
    const encoded = stringifyLabelTable(table);
    parts.push(...encoded);
    return encoded.reduce((total, part) => total + part.length, 0);
  };
  for (const [name, { table, fileNames }] of Object.entries(splits)) {
    header.splits.push({ name, table: add(table), names: add(namesTable(fileNames)) });
  }
  const json = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(Math.ceil((8 + json.length) / 8) * 8);
  head.writeUInt32LE(json.length, 0);
  json.copy(head, 8);
  return [head, ...parts];
}

export function decodeProcessed(bytes: Uint8Array): ProcessedCsv {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header;
  let at = Math.ceil((8 + length) / 8) * 8;
  const next = (size: number): LabelTable => {
    at += size;
    return parseLabelTable(bytes.subarray(at - size, at));
  };
  const splits: ProcessedCsv["splits"] = {};
  for (const { name, table, names } of header.splits) {
    splits[name] = { table: next(table), fileNames: next(names).sampleIds };
  }
  return { splits, report: header.report };
}

/** File names as the samples of a table without classes: the packed form that tables have. */
function namesTable(fileNames: SampleIds): LabelTable {
  return new LabelTable({
    classes: ClassList.from([]),
    sampleIds: fileNames,
    defaultLabel: Label.Unannotated,
    offsets: new Uint32Array(fileNames.length + 1),
    entries: new Uint16Array(0),
  });
}
