import { ClassList } from "./class-list.js";
import { createEntries, type Entries, entryCode } from "./entry-code.js";
import type { Label } from "./label.js";
import { LabelTable } from "./label-table.js";
import { decodeTexts, encodeTexts } from "./packed-texts.js";
import { Sha256 } from "./sha256.js";

const MAGIC = "CSLLABEL";
const VERSION = 1;
const PREFIX = 16;
const CHECKSUM = 32;

interface Header {
  classes: { id: string; name: string }[];
  defaultLabel: Label;
  samples: number;
  entries: number;
  idBytes: number;
}

/**
 * A table as bytes, little-endian, every part padded to 4:
 * magic "CSLLABEL" · version u32 · header length u32 · header JSON (classes, default label, sizes) · ends of the
 * sample ids u32[samples] · sample ids UTF-8 · offsets u32[samples + 1] · cells u16[] or u32[] · SHA-256 of all before.
 */
export function encodeLabelTable(table: LabelTable): Uint8Array {
  const ids = encodeTexts(table.sampleIds);
  const header: Header = {
    classes: table.classes.toJSON(),
    defaultLabel: table.defaultLabel,
    samples: table.numSamples,
    entries: table.entries.length,
    idBytes: ids.bytes.length,
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const { total, starts } = layout(json.length, header, table.entries.BYTES_PER_ELEMENT);
  const file = new Uint8Array(total);
  file.set(new TextEncoder().encode(MAGIC));
  new DataView(file.buffer).setUint32(8, VERSION, true);
  new DataView(file.buffer).setUint32(12, json.length, true);
  const parts = [json, ids.ends, ids.bytes, table.offsets, table.entries];
  parts.forEach((part, i) => {
    file.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), starts[i]);
  });
  const body = file.subarray(0, total - CHECKSUM);
  file.set(new Sha256().update(body).digest(), total - CHECKSUM);
  return file;
}

/** Reads {@link encodeLabelTable}'s bytes. @throws for another kind of file, another version, a cut or changed file. */
export function decodeLabelTable(bytes: Uint8Array): LabelTable {
  const wrong = (what: string, way: string): Error => new Error(`decodeLabelTable: expected ${what}. ${way}`);
  const again = "Write the file again, or fetch it again from where it came.";
  if (bytes.length < PREFIX || new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC) {
    throw wrong(
      `a label table (it begins with "${MAGIC}"), got ${bytes.length === 0 ? "an empty file" : "something else"}`,
      "Is this the right file?",
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version !== VERSION)
    throw wrong(`version ${VERSION}, got ${version}`, "Update @csl/labels to read it.");
  const jsonLength = view.getUint32(12, true);
  const cut = (needed: number): Error =>
    wrong(
      `${needed} bytes, got ${bytes.length}: the file is ${bytes.length < needed ? "cut off" : "too long"}`,
      again,
    );
  if (PREFIX + jsonLength > bytes.length) throw cut(PREFIX + jsonLength);
  let header: Header;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(PREFIX, PREFIX + jsonLength))) as Header;
  } catch {
    throw wrong("a JSON header, got broken text: the file was changed", again);
  }
  const code = entryCode(header.classes.length, header.defaultLabel);
  const { total, starts } = layout(jsonLength, header, code.bytes);
  if (total !== bytes.length) throw cut(total);
  const sum = new Sha256().update(bytes.subarray(0, total - CHECKSUM)).digest();
  if (!sum.every((byte, i) => byte === bytes[total - CHECKSUM + i])) {
    throw wrong("the checksum of the content, got another: the file was changed", again);
  }
  const read = <T extends Uint32Array | Entries>(into: T, start: number): T => {
    new Uint8Array(into.buffer).set(bytes.subarray(start, start + into.byteLength));
    return into;
  };
  const ends = read(new Uint32Array(header.samples), starts[1]!);
  const idBytes = bytes.subarray(starts[2]!, starts[2]! + header.idBytes);
  return new LabelTable({
    classes: ClassList.fromJSON(header.classes),
    sampleIds: Object.freeze(decodeTexts(idBytes, ends)),
    defaultLabel: header.defaultLabel,
    offsets: read(new Uint32Array(header.samples + 1), starts[3]!),
    entries: read(createEntries(code, header.entries), starts[4]!),
  });
}

/** Where the five parts after the prefix begin, and the length of the file. */
function layout(jsonLength: number, header: Header, entryBytes: number): { total: number; starts: number[] } {
  const { samples, entries, idBytes } = header;
  const starts: number[] = [];
  let at = PREFIX;
  for (const length of [jsonLength, samples * 4, idBytes, (samples + 1) * 4, entries * entryBytes]) {
    starts.push(at);
    at += Math.ceil(length / 4) * 4;
  }
  return { total: at + CHECKSUM, starts };
}
