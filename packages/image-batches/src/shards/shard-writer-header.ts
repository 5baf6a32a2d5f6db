import { BLOCK } from "@csl/internal/tar/tar-header";

/** Longer names need a pax header before the entry's own. */
const NAME_BYTES = 100;
const [FILE, PAX] = [0x30, 0x78];

/**
 * A regular file as it stands in a tar archive (POSIX ustar; pax for names of more than 100 bytes): header, body and
 * padding. Time, owner and group are zero, so that the same content always makes the same archive.
 */
export function tarEntry(name: string, body: Uint8Array): Uint8Array[] {
  const bytes = encoder.encode(name);
  const entry = [header(bytes.subarray(0, NAME_BYTES), FILE, body.length), body, padding(body.length)];
  if (bytes.length <= NAME_BYTES) return entry;
  const record = paxRecord("path", name);
  return [
    header(encoder.encode("PaxHeaders/name"), PAX, record.length),
    record,
    padding(record.length),
    ...entry,
  ];
}

function header(name: Uint8Array, type: number, size: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block.set(name, 0);
  block.set(octal(0o644, 8), 100); // mode
  block.set(octal(0, 8), 108); // user
  block.set(octal(0, 8), 116); // group
  block.set(octal(size, 12), 124);
  block.set(octal(0, 12), 136); // time
  block.fill(0x20, 148, 156); // the checksum is taken over blanks in its own place
  block[156] = type;
  block.set(encoder.encode("ustar\0" + "00"), 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.set(encoder.encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return block;
}

/** "length key=value\n", the length counting itself (POSIX.1-2001). */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = encoder.encode(` ${key}=${value}\n`);
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return encoder.encode(`${length} ${key}=${value}\n`);
}

function padding(size: number): Uint8Array {
  return new Uint8Array(-size & (BLOCK - 1));
}

const encoder = new TextEncoder();

function octal(value: number, width: number): Uint8Array {
  return encoder.encode(`${value.toString(8).padStart(width - 1, "0")}\0`);
}
