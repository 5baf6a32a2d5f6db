import { CslError } from "@csl/internal/errors/csl-error";
import type { Label } from "@csl/internal/labels/label";
import { ClassList } from "../class-list.js";
import { type Entries, entryCode } from "../entry-code.js";
import { LabelTable } from "../label-table.js";
import { HexIds } from "../sample-ids/hex-ids.js";
import { sampleIdsFrom } from "../sample-ids/pack-ids.js";
import type { SampleIds } from "../sample-ids/sample-ids.js";
import { TextIds } from "../sample-ids/text-ids.js";
import { WordSum } from "./word-sum.js";

const MAGIC = "CSLLABEL";
const VERSION = 2;
const PREFIX = 16;
const CHECKSUM = 16;

interface Header {
  classes: { id: string; name: string }[];
  defaultLabel: Label;
  samples: number;
  entries: number;
  /** Bytes of the ids in UTF-8; null where every id is 16 hexadecimal digits, kept as two words. */
  idBytes: number | null;
}

/**
 * A table as bytes, little-endian, every part padded to 8:
 * magic "CSLLABEL" · version u32 · header length u32 · header JSON (classes, default label, sizes) · sample ids:
 * u32[samples, 2], or their ends u32[samples] and UTF-8 · offsets u32[samples + 1] · cells u16[] or u32[] ·
 * checksum (`WordSum`) of all before.
 *
 * @returns the bytes in pieces, most of them views of the table: a large table needs no second copy to be written.
 */
export function stringifyLabelTable(table: LabelTable): Uint8Array[] {
  const ids = packed(table.sampleIds);
  const header: Header = {
    classes: table.classes.toJSON(),
    defaultLabel: table.defaultLabel,
    samples: table.numSamples,
    entries: table.entries.length,
    idBytes: ids instanceof HexIds ? null : ids.bytes.length,
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const prefix = new Uint8Array(PREFIX);
  prefix.set(new TextEncoder().encode(MAGIC));
  new DataView(prefix.buffer).setUint32(8, VERSION, true);
  new DataView(prefix.buffer).setUint32(12, json.length, true);
  const idParts = ids instanceof HexIds ? [ids.words] : [ids.ends, ids.bytes];
  const parts = [prefix, json, ...idParts, table.offsets, table.entries].flatMap((part) => {
    const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    const padding = padded(bytes.length) - bytes.length;
    return [bytes, new Uint8Array(padding)].filter(({ length }) => length > 0);
  });
  const sum = new WordSum();
  for (const part of parts) sum.update(part);
  return [...parts, sum.digest()];
}

/**
 * Reads the bytes of {@link stringifyLabelTable}. The table is a view of them: leave them unchanged.
 *
 * @throws CslError `invalid-file` for another kind of file, another version, a cut or changed file.
 */
export function parseLabelTable(bytes: Uint8Array): LabelTable {
  const wrong = (what: string, way: string): CslError =>
    new CslError("invalid-file", `parseLabelTable: expected ${what}. ${way}`);
  const again = "Write the file again, or fetch it again from where it came.";
  if (bytes.length < PREFIX || new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC) {
    throw wrong(
      `a label table (it begins with "${MAGIC}"), got ${bytes.length === 0 ? "an empty file" : "something else"}`,
      "Is this the right file?",
    );
  }
  // Views need their alignment.
  const file = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const version = view.getUint32(8, true);
  if (version !== VERSION) {
    const way = version < VERSION ? "Make it again from the label files." : "Update @csl/labels to read it.";
    throw wrong(`version ${VERSION}, got ${version}`, way);
  }
  const jsonLength = view.getUint32(12, true);
  const cut = (needed: number): CslError =>
    wrong(
      `${needed} bytes, got ${file.length}: the file is ${file.length < needed ? "cut off" : "too long"}`,
      again,
    );
  if (PREFIX + jsonLength > file.length) throw cut(PREFIX + jsonLength);
  let header: Header;
  try {
    header = JSON.parse(new TextDecoder().decode(file.subarray(PREFIX, PREFIX + jsonLength))) as Header;
  } catch {
    throw wrong("a JSON header, got broken text: the file was changed", again);
  }
  if (!isHeader(header))
    throw wrong("a header with classes and sizes, got another: the file was changed", again);
  const { samples, entries, idBytes } = header;
  const code = entryCode(header.classes.length, header.defaultLabel);
  const idLengths = idBytes === null ? [samples * 8] : [samples * 4, idBytes];
  const lengths = [jsonLength, ...idLengths, (samples + 1) * 4, entries * code.bytes];
  const starts: number[] = [];
  let total = PREFIX;
  for (const length of lengths) {
    starts.push(total);
    total += padded(length);
  }
  total += CHECKSUM;
  if (total !== file.length) throw cut(total);
  const sum = new WordSum().update(file.subarray(0, total - CHECKSUM)).digest();
  if (!sum.every((byte, i) => byte === file[total - CHECKSUM + i])) {
    throw wrong("the checksum of the content, got another: the file was changed", again);
  }
  const words = (part: number, length: number): Uint32Array =>
    new Uint32Array(file.buffer, file.byteOffset + starts[part]!, length);
  const cells = starts.length - 1;
  const cellsAt = file.byteOffset + starts[cells]!;
  const stored: Entries =
    code.bytes === 2 ? new Uint16Array(file.buffer, cellsAt, entries) : words(cells, entries);
  return new LabelTable({
    classes: ClassList.fromJSON(header.classes),
    sampleIds:
      idBytes === null
        ? new HexIds(words(1, samples * 2))
        : new TextIds(file.subarray(starts[2]!, starts[2]! + idBytes), words(1, samples)),
    defaultLabel: header.defaultLabel,
    offsets: words(cells - 1, samples + 1),
    entries: stored,
  });
}

/** The checksum is behind the parts, whose sizes the header says: only what is needed to find it is looked at. */
function isHeader(value: Header | null): value is Header {
  const isSize = (size: unknown): boolean => Number.isSafeInteger(size) && (size as number) >= 0;
  return (
    Array.isArray(value?.classes) &&
    isSize(value.samples) &&
    isSize(value.entries) &&
    (value.idBytes === null || isSize(value.idBytes))
  );
}

const padded = (length: number): number => Math.ceil(length / 8) * 8;

function packed(ids: SampleIds): HexIds | TextIds {
  const own = (found: SampleIds): found is HexIds | TextIds =>
    found instanceof HexIds || found instanceof TextIds;
  if (own(ids)) return ids;
  return sampleIdsFrom([...ids]) as HexIds | TextIds;
}
