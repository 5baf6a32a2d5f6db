import { paxFields } from "@csl/internal/tar/pax-fields";
import { hasMoreMap, headerHasMap, notAFile } from "@csl/internal/tar/special-entries";
import { BLOCK, parseTarHeader } from "@csl/internal/tar/tar-header";

/** A pax header of more than this is none. */
const LONGEST_FIELD = 1 << 20;

/** What is not known of an entry of tar-stream. */
interface EntryNote {
  isSparse: boolean;
  /** What it is where it is no file, in words. */
  what: string;
}

/**
 * Stands before tar-stream, which knows no sparse files: takes the maps of their holes out of the stream, which it would
 * take for headers, and notes of every entry what it is. What is no tar passes as it is: tar-stream says so.
 */
export class TarSpecials {
  readonly #notes: EntryNote[] = [];

  /** Of the next entry, in the order of the archive. */
  next(): EntryNote | undefined {
    return this.#notes.shift();
  }

  async *pass(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    let carry: Uint8Array = new Uint8Array(0);
    /** Bytes of data before the next header. */
    let data = 0;
    let inMap = false;
    let fields: ReturnType<typeof paxFields> | undefined;
    for await (const chunk of source) {
      const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      let from = 0;
      let at = 0;
      for (;;) {
        const step = inMap ? 0 : Math.min(data, bytes.length - at); // the map is before the data
        at += step;
        data -= step;
        if (bytes.length - at < BLOCK) break;
        if (inMap) {
          if (at > from) yield bytes.subarray(from, at);
          inMap = hasMoreMap(bytes, at);
          at += BLOCK;
          from = at;
          continue;
        }
        const header = parseTarHeader(bytes, at);
        if (!header || header === "end") {
          at += BLOCK;
          if (!header) data = Number.POSITIVE_INFINITY;
          continue;
        }
        const type = String.fromCharCode(header.type);
        const size = ("LKxg".includes(type) ? undefined : fields?.size) ?? header.size;
        const padded = Math.ceil(size / BLOCK) * BLOCK;
        if (type === "x" && size <= LONGEST_FIELD) {
          if (bytes.length - at < BLOCK + padded) break;
          fields = paxFields(bytes.subarray(at + BLOCK, at + BLOCK + size));
        } else if (!"LNKg".includes(type)) {
          const isSparse = fields?.isSparse ?? false;
          this.#notes.push({ isSparse, what: notAFile(header.type, { isSparse }) });
          fields = undefined;
        }
        inMap = headerHasMap(bytes, at);
        data = type === "5" ? 0 : padded;
        at += BLOCK;
      }
      if (at > from) yield bytes.subarray(from, at);
      carry = bytes.subarray(at);
    }
    if (carry.length > 0) yield carry;
  }
}
