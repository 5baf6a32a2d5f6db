/**
 * The fields of a pax header that change the next entry: its path and its size. The data are records
 * "length key=value\n", the length counting the whole record (POSIX.1-2001).
 */
export function paxFields(data: Uint8Array): { path?: Uint8Array; size?: number } {
  const fields: { path?: Uint8Array; size?: number } = {};
  let at = 0;
  while (at < data.length) {
    const blank = data.indexOf(0x20, at);
    const length = Number(ascii(data.subarray(at, blank)));
    if (blank < 0 || !(length > blank - at) || at + length > data.length) break;
    const record = data.subarray(blank + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    const key = ascii(record.subarray(0, equals));
    const value = record.subarray(equals + 1);
    if (key === "path") fields.path = value.slice();
    // Nothing but digits: a negative size would lead a reader back.
    if (key === "size" && /^\d+$/.test(ascii(value))) fields.size = Number(ascii(value));
    at += length;
  }
  return fields;
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
