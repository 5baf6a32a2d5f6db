import { isUtf8 } from "node:buffer";
import { DETECTED_BYTES, detectEncoding, notUtf8, utf16Decoder } from "./text-encoding.js";

/**
 * The text of a whole file: UTF-8 or UTF-16 in either byte order, with or without a byte-order mark.
 *
 * @throws CslError `invalid-file` for another encoding, which it names. Messages do not name the file.
 */
export function decodeText(bytes: Uint8Array): string {
  const { encoding, mark } = detectEncoding(bytes.subarray(0, DETECTED_BYTES));
  const content = bytes.subarray(mark);
  if (encoding !== "utf-8") {
    const decode = utf16Decoder(encoding);
    return decode(content) + decode();
  }
  if (!isUtf8(content)) throw notUtf8(content);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(content);
}
