/** Size of a tar header, and what bodies are padded to. */
export const TAR_BLOCK = 512;

const NAME_BYTES = 100;

/**
 * The 512-byte header of a regular file in a tar archive (POSIX ustar). Time, owner and group are zero, so that the
 * same content always makes the same archive.
 *
 * @throws when the name does not fit into the 100 bytes that every tar reader knows
 */
export function tarHeader(name: string, size: number): Uint8Array {
  const nameBytes = encoder.encode(name);
  if (nameBytes.length === 0 || nameBytes.length > NAME_BYTES) {
    throw new RangeError(
      `shard writer: expected an entry name of 1 to ${NAME_BYTES} bytes, got ${nameBytes.length} bytes (${name}). ` +
        "Shorten the keys.",
    );
  }
  const header = new Uint8Array(TAR_BLOCK);
  header.set(nameBytes, 0);
  header.set(octal(0o644, 8), 100); // mode
  header.set(octal(0, 8), 108); // user
  header.set(octal(0, 8), 116); // group
  header.set(octal(size, 12), 124);
  header.set(octal(0, 12), 136); // time
  header.fill(0x20, 148, 156); // the checksum is taken over blanks in its own place
  header[156] = 0x30; // "0": a regular file
  header.set(encoder.encode("ustar\0" + "00"), 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.set(encoder.encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return header;
}

/** Bytes that an entry of `size` takes: its header and its padded body. */
export function tarEntryBytes(size: number): number {
  return TAR_BLOCK + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}

const encoder = new TextEncoder();

function octal(value: number, width: number): Uint8Array {
  return encoder.encode(`${value.toString(8).padStart(width - 1, "0")}\0`);
}
