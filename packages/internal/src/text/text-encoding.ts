import { isUtf8 } from "node:buffer";
import { CslError } from "../errors/csl-error.js";

export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be";

/** Bytes that `detectEncoding` looks at. */
export const DETECTED_BYTES = 64;

/**
 * The encoding of a text by its first bytes: a byte-order mark, or the zeros between ASCII characters that UTF-16 has
 * (PowerShell and old spreadsheets write it). Everything else counts as UTF-8, to be checked by `notUtf8`.
 *
 * @param start the first `DETECTED_BYTES`, or the whole text.
 * @returns with the length of the byte-order mark.
 * @throws CslError `invalid-file` for UTF-32.
 */
export function detectEncoding(start: Uint8Array): { encoding: TextEncoding; mark: number } {
  const [a, b, c, d] = start;
  const isUtf32 = (a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe);
  if (isUtf32)
    throw new CslError("invalid-file", "expected UTF-8 or UTF-16 text, got UTF-32. Save the file as UTF-8.");
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: "utf-8", mark: 3 };
  if (a === 0xff && b === 0xfe) return { encoding: "utf-16le", mark: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: "utf-16be", mark: 2 };
  const zerosAt = (first: 0 | 1): boolean => {
    const bytes = start.subarray(0, Math.min(8, start.length & ~1));
    return bytes.length >= 2 && bytes.every((byte, i) => (byte === 0) === (i % 2 === first));
  };
  const encoding = zerosAt(1) ? "utf-16le" : zerosAt(0) ? "utf-16be" : "utf-8";
  return { encoding, mark: 0 };
}

/**
 * Decodes UTF-16 piece by piece.
 *
 * @returns what decodes the next piece; without one, it checks that the text is complete.
 * @throws (the decoder) CslError `invalid-file` for half a character.
 */
export function utf16Decoder(encoding: "utf-16le" | "utf-16be"): (piece?: Uint8Array) => string {
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (piece) => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined });
    } catch (cause) {
      throw new CslError(
        "invalid-file",
        `expected a whole ${encoding.toUpperCase()} text, got half a character. The file is cut off or damaged; save it as UTF-8.`,
        { cause },
      );
    }
  };
}

/**
 * The error of a text that is not UTF-8: names the byte, and what it is in the encoding that it most likely has.
 *
 * @param bytes not UTF-8.
 * @param before bytes of the text before these.
 */
export function notUtf8(bytes: Uint8Array, before = 0): CslError {
  const at = firstInvalid(bytes);
  const byte = bytes[at]!;
  let lines = 1;
  for (let i = 0; i < at; i++) if (bytes[i] === 0x0a) lines++;
  const place = before === 0 ? `at ${at} (line ${lines})` : `at ${before + at}`;
  // Latin-1 has no characters from 0x80 to 0x9f.
  const encoding =
    byte < 0xa0
      ? "Windows-1252 most likely"
      : `Latin-1 or Windows-1252 most likely, where it is ${JSON.stringify(String.fromCharCode(byte))}`;
  return new CslError(
    "invalid-file",
    `expected UTF-8 text, got the byte 0x${byte.toString(16)} ${place}, which is not. The file has another encoding, ` +
      `${encoding}. Save it as UTF-8 (in a spreadsheet: CSV UTF-8).`,
  );
}

function firstInvalid(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at]! < 0x80) {
      at++;
      continue;
    }
    const length = [2, 3, 4].find((count) => isUtf8(bytes.subarray(at, at + count)));
    if (length === undefined) return at;
    at += Math.min(length, bytes.length - at);
  }
  return Math.max(0, bytes.length - 1);
}
