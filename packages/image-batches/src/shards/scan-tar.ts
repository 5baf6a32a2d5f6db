import { paxFields } from "@csl/internal/tar/pax-fields";
import { addSkipped, type SkippedEntries } from "@csl/internal/tar/skipped-entries";
import { hasMoreMap, headerHasMap, notAFile } from "@csl/internal/tar/special-entries";
import { BLOCK, parseTarHeader, untilNul } from "@csl/internal/tar/tar-header";

/** Bytes of an archive by position; fewer than asked for at its end. Valid until the next call. */
export type ReadBytes = (offset: number, length: number) => Uint8Array;

/** A file in an archive. `name` is valid during the call only. */
export type OnTarFile = (name: Uint8Array, offset: number, size: number) => void;

/** How an archive ended: as it should; in the middle of an entry; or with something that is no header. */
export type TarEnd = {
  kind: "whole" | "cut" | "damaged";
  /** Where the part that was read ends. */
  offset: number;
  /** Entries that are not files (folders apart), by what they are. */
  skipped: SkippedEntries;
};

/** Headers that are far apart are read with what usually follows: a short .json or .cls and its neighbour. */
const HOP = 4096;
const NEAR = 32 * 1024;
const WINDOW = 128 * 1024;
/** A name or a pax header of more than this is no name. */
const LONGEST_FIELD = 1 << 20;

const FILES = new Set(["0", "\0", "7"].map((type) => type.charCodeAt(0)));
const [FOLDER, LONG_NAME, LONG_LINK, PAX, SOLARIS_PAX, PAX_GLOBAL, SPARSE] = [..."5LKxXgS"].map((type) =>
  type.charCodeAt(0),
);
/** Types without data, whatever their size field says (hard link … fifo). */
const BARE = new Set([..."123456"].map((type) => type.charCodeAt(0)));

/**
 * Walks through the headers of a tar archive (V7, ustar, GNU long names, pax paths) and skips the data. The data of a
 * sparse file are not those of the file: it counts as skipped, as links and devices do. Yields the
 * offset every thousand entries, so that the caller can show progress and let others work.
 */
export function* scanTar(read: ReadBytes, length: number, onFile: OnTarFile): Generator<number, TarEnd> {
  let window: Uint8Array = new Uint8Array(0);
  let windowAt = 0;
  /** `count` bytes at `offset` as a view, and where they begin in it; undefined past the end. */
  const bytesAt = (offset: number, count: number, hop: number): number | undefined => {
    if (offset < windowAt || offset + count > windowAt + window.length) {
      window = read(offset, Math.max(count, hop < NEAR ? WINDOW : HOP));
      windowAt = offset;
      if (window.length < count) return undefined;
    }
    return offset - windowAt;
  };

  let offset = 0;
  const skipped: SkippedEntries = {};
  let longName: Uint8Array | undefined;
  let longSize: number | undefined;
  let isSparse = false;
  /** Where the entry began: its long name comes before its header. */
  let entry = 0;
  const end = (kind: TarEnd["kind"]): TarEnd => ({ kind, offset: entry, skipped });
  for (let last = 0, count = 1; ; count++) {
    if (count % 1000 === 0) yield offset;
    // Some programs leave the end marker out: an archive may end with its last entry.
    if (offset >= length) return end(entry === length && length > 0 ? "whole" : "cut");
    const at = bytesAt(offset, BLOCK, offset - last);
    if (at === undefined) return end("cut");
    const header = parseTarHeader(window, at);
    if (header === "end") return end(entry === offset ? "whole" : "damaged");
    if (!header) return end("damaged");
    const { type } = header;
    const isPax = type === PAX || type === SOLARIS_PAX;
    const forNext = type === LONG_NAME || type === LONG_LINK || isPax;
    const size = (forNext ? undefined : longSize) ?? header.size;
    // A name in the window is lost when more is read.
    const name = type === SPARSE ? header.name.slice() : header.name;
    let data = offset + BLOCK;
    let more = headerHasMap(window, at);
    while (more) {
      const map = bytesAt(data, BLOCK, 0);
      if (map === undefined) return end("cut");
      more = hasMoreMap(window, map);
      data += BLOCK;
    }
    last = offset;
    offset = data + (BARE.has(type) ? 0 : Math.ceil(size / BLOCK) * BLOCK);
    if (type === LONG_NAME || isPax) {
      if (size > LONGEST_FIELD) return end("damaged");
      const from = bytesAt(data, size, 0);
      if (from === undefined) return end("cut");
      if (type === LONG_NAME) longName = untilNul(window, from, size).slice();
      else
        ({
          path: longName = longName,
          size: longSize,
          isSparse,
        } = paxFields(window.subarray(from, from + size)));
    }
    if (forNext) continue;
    // The padding of the last file may be missing.
    if (!BARE.has(type) && data + size > length) return end("cut");
    if (FILES.has(type) && !isSparse) onFile(longName ?? name, data, size);
    else if (type !== FOLDER && type !== PAX_GLOBAL)
      addSkipped(skipped, notAFile(type, { isSparse }), new TextDecoder().decode(longName ?? name));
    longName = undefined;
    longSize = undefined;
    isSparse = false;
    entry = offset = Math.min(offset, length);
  }
}
