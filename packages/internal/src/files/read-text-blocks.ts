import { isUtf8 } from "node:buffer";
import { CslError } from "../errors/csl-error.js";
import { DETECTED_BYTES, detectEncoding, notUtf8, utf16Decoder } from "../text/text-encoding.js";
import { type ReadBlocksOptions, readBlocks } from "./read-blocks.js";

/**
 * `readBlocks` for a text file: its bytes come as UTF-8 without a byte-order mark, whatever of UTF-8 and UTF-16 the
 * file is in. A character that the end of a block divides stays divided.
 *
 * @throws CslError as `readBlocks`, and `invalid-file` for another encoding, which it names.
 */
export async function* readTextBlocks(
  path: string,
  options: ReadBlocksOptions = {},
): AsyncGenerator<Buffer, void, undefined> {
  const blocks = readBlocks(path, options);
  try {
    let first: Buffer = Buffer.alloc(0);
    while (first.length < DETECTED_BYTES) {
      const { value: block } = await blocks.next();
      if (block === undefined) break;
      // A copy only of short blocks: this one is lent until the next is asked for.
      first = first.length === 0 && block.length >= DETECTED_BYTES ? block : Buffer.concat([first, block]);
    }
    const { encoding, mark } = detectEncoding(first.subarray(0, DETECTED_BYTES));
    const content = first.subarray(mark);
    if (encoding === "utf-8") {
      const checker = new Utf8Checker(mark);
      if (content.length > 0) yield checker.check(content);
      for await (const block of blocks) yield checker.check(block);
      checker.end();
      return;
    }
    const decode = utf16Decoder(encoding);
    if (content.length > 0) yield Buffer.from(decode(content));
    for await (const block of blocks) yield Buffer.from(decode(block));
    decode();
  } finally {
    await blocks.return();
  }
}

/** Checks block after block. */
class Utf8Checker {
  #before: number;
  /** The beginning of a character that the last block ended in. */
  #begun: Buffer = Buffer.alloc(0);

  /** @param before bytes of the file before the first block. */
  constructor(before: number) {
    this.#before = before;
  }

  /** The block itself. @throws CslError for bytes that are not UTF-8. */
  check(block: Buffer): Buffer {
    const begun = this.#begun;
    let rest = block;
    if (begun.length > 0) {
      const missing = characterLength(begun[0]!) - begun.length;
      const character = Buffer.concat([begun, block.subarray(0, missing)]);
      rest = block.subarray(missing);
      if (block.length < missing) {
        this.#begun = character;
        this.#before += block.length;
        return block;
      }
      if (!isUtf8(character)) throw notUtf8(character, this.#before - begun.length);
    }
    const end = endOfCharacters(rest);
    if (!isUtf8(rest.subarray(0, end)))
      throw notUtf8(rest.subarray(0, end), this.#before + block.length - rest.length);
    this.#begun = Buffer.from(rest.subarray(end));
    this.#before += block.length;
    return block;
  }

  /** @throws CslError when the text ends in the middle of a character. */
  end(): void {
    const begun = this.#begun;
    if (begun.length === 0) return;
    if (begun.subarray(1).some((byte) => byte >> 6 !== 0b10))
      throw notUtf8(begun, this.#before - begun.length);
    throw new CslError(
      "invalid-file",
      `expected the rest of a UTF-8 character at byte ${this.#before}, got the end of the file. The file is cut off, or it has ` +
        `another encoding: in Latin-1 and Windows-1252 the byte 0x${begun[0]!.toString(16)} is a character.`,
    );
  }
}

/** Bytes of a character by its first one; 1 for a byte that begins none. */
function characterLength(first: number): number {
  return first >= 0xf0 && first < 0xf8 ? 4 : first >= 0xe0 ? (first < 0xf0 ? 3 : 1) : first >= 0xc0 ? 2 : 1;
}

/** Where the last character begins that the block's end cuts off; the block's length if none does. */
function endOfCharacters(block: Uint8Array): number {
  for (let at = block.length - 1; at >= 0 && at >= block.length - 3; at--) {
    const byte = block[at]!;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return at + characterLength(byte) > block.length ? at : block.length;
  }
  return block.length;
}
