/** Tar archives are made of blocks of this many bytes. */
export const BLOCK = 512;

/** The fields of a tar header that reading needs. */
export type TarHeader = {
  /** Type of the entry, a character code: "0" or NUL a file, "5" a folder, "L" a long name, "x" extended fields … */
  type: number;
  /** Bytes of the entry's data. */
  size: number;
  /** The name's bytes, the prefix field of ustar included. */
  name: Uint8Array;
};

/**
 * Parses the header at `at`. "end" is a block of zeros, which ends an archive; undefined is no header: its checksum is
 * wrong or its size is no number.
 *
 * Bytes 0–99 name, 124–135 size, 148–155 checksum, 156 type, 257 "ustar", 345–499 prefix of the name (POSIX.1-1988).
 */
export function parseTarHeader(bytes: Uint8Array, at: number): TarHeader | "end" | undefined {
  let sum = 0;
  let high = 0;
  for (let i = at; i < at + BLOCK; i++) {
    sum += bytes[i]!;
    high += bytes[i]! >> 7;
  }
  if (sum === 0) return "end";
  // The checksum is taken over blanks in its own place; old programs summed signed bytes.
  for (let i = at + 148; i < at + 156; i++) {
    sum += 32 - bytes[i]!;
    high -= bytes[i]! >> 7;
  }
  const stated = octal(bytes, at + 148, 8);
  if (stated !== sum && stated !== sum - 256 * high) return undefined;
  const size = sizeField(bytes, at + 124);
  if (size === undefined) return undefined;
  return { type: bytes[at + 156]!, size, name: nameField(bytes, at) };
}

function nameField(bytes: Uint8Array, at: number): Uint8Array {
  const name = untilNul(bytes, at, 100);
  // "ustar\0": GNU's "ustar " uses the prefix's place for other things.
  const posix =
    bytes[at + 257] === 0x75 && bytes[at + 258] === 0x73 && bytes[at + 261] === 0x72 && bytes[at + 262] === 0;
  if (!posix || bytes[at + 345] === 0) return name;
  const prefix = untilNul(bytes, at + 345, 155);
  const whole = new Uint8Array(prefix.length + 1 + name.length);
  whole.set(prefix);
  whole[prefix.length] = 0x2f;
  whole.set(name, prefix.length + 1);
  return whole;
}

/** The field's bytes up to the first NUL, a view. */
export function untilNul(bytes: Uint8Array, at: number, length: number): Uint8Array {
  let end = at;
  while (end < at + length && bytes[end] !== 0) end++;
  return bytes.subarray(at, end);
}

/** Octal digits, or GNU's base 256 for files of 8 GiB and more. */
function sizeField(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] !== 0x80) return octal(bytes, at, 12);
  let size = 0;
  for (let i = at + 1; i < at + 12; i++) size = size * 256 + bytes[i]!;
  return Number.isSafeInteger(size) ? size : undefined;
}

/** Octal digits between blanks, ended by a blank, a NUL or the field's end; undefined for anything else. */
function octal(bytes: Uint8Array, at: number, length: number): number | undefined {
  let i = at;
  while (i < at + length && bytes[i] === 0x20) i++;
  let value = 0;
  for (; i < at + length && bytes[i] !== 0 && bytes[i] !== 0x20; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 7) return undefined;
    value = value * 8 + digit;
  }
  return value;
}
