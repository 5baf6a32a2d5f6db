import { ClassList, LabelTableBuilder, parseLabelTable, stringifyLabelTable } from "@csl/labels";
import { WordSum } from "../../../../packages/labels/src/file/word-sum.js";
import { below, mutate } from "../mutate.js";
import { mutateJson } from "../mutate-json.js";
import type { FuzzTarget } from "../target.js";

const prefixBytes = 16;
const checksumBytes = 16;

/** The binary form of a label table, with ids as text and as hexadecimal digits. */
export const labelTable: FuzzTarget = {
  name: "label-table",
  samples: () => [sample(["a.jpg", "täg/b.jpg"]), sample(["0011223344556677", "8899aabbccddeeff"])],
  read(input) {
    const table = parseLabelTable(input);
    table.hash();
    if (table.numSamples * table.numClasses < 1e6) table.dense([...table.sampleIds].map((_, i) => i));
  },
  /** A change with the checksum, and mostly the header's length, put right. */
  mutate(whole, random) {
    const bytes = Buffer.from(whole.subarray(0, whole.length - checksumBytes));
    const headerEnd = prefixBytes + bytes.readUInt32LE(12);
    const changesHeader = below(random, 2) === 0;
    const header = bytes.subarray(prefixBytes, headerEnd);
    const newHeader = changesHeader ? Buffer.from(mutateJson(header.toString(), random)) : header;
    const rest = bytes.subarray(Math.ceil(headerEnd / 8) * 8);
    const prefix = Buffer.from(bytes.subarray(0, prefixBytes));
    prefix.writeUInt32LE(newHeader.length, 12);
    const padding = Buffer.alloc((8 - (newHeader.length % 8)) % 8);
    const content = Buffer.concat([prefix, newHeader, padding, changesHeader ? rest : mutate(rest, random)]);
    return Buffer.concat([content, new WordSum().update(content).digest()]);
  },
};

function sample(ids: readonly [string, string]): Buffer {
  const builder = new LabelTableBuilder(
    ClassList.from([
      { id: "/m/0a", name: "Cat" },
      { id: "/m/0b", name: "Dog" },
    ]),
  );
  builder.add(ids[0], "/m/0a", 1);
  builder.add(ids[0], "/m/0b", 0);
  builder.add(ids[1], "/m/0b", 1);
  return Buffer.concat(stringifyLabelTable(builder.build()));
}
