export type PaxFields = {
  path?: Uint8Array;
  size?: number;
  /** Whether the entry is a sparse file as GNU tar writes it into a pax archive: its data begin with a map of its holes. */
  isSparse: boolean;
};

/**
 * The fields of a pax header that change the next entry: its path and its size, and whether it is sparse. The data are records
 * "length key=value\n", the length counting the whole record (POSIX.1-2001).
 */
export function paxFields(data: Uint8Array): PaxFields {
  const fields: PaxFields = { isSparse: false };
  let at = 0;
  while (at < data.length) {
    const blank = data.indexOf(0x20, at);
    const length = Number(ascii(data.subarray(at, blank)));
    if (blank < 0 || !(length > blank - at) || at + length > data.length) break;
    const record = data.subarray(blank + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    const key = ascii(record.subarray(0, equals));
    const value = record.subarray(equals + 1);
    // The path of a sparse file is made up; its own name is in another field.
    if (key.startsWith("GNU.sparse.")) fields.isSparse = true;
    if (key === "GNU.sparse.name" || (key === "path" && !fields.path)) fields.path = value.slice();
    // Nothing but digits: a negative size would lead a reader back.
    if (key === "size" && /^\d+$/.test(ascii(value))) fields.size = Number(ascii(value));
    at += length;
  }
  return fields;
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
