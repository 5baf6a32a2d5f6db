import { CslError } from "@csl/internal/errors/csl-error";
import { isIndex } from "../is-index.js";
import { IdIndex } from "./id-index.js";
import type { SampleIds } from "./sample-ids.js";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** Ids of any text, one after another in UTF-8; id i ends before byte `ends[i]`. */
export class TextIds implements SampleIds {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  readonly length: number;
  #index: IdIndex | undefined;

  constructor(bytes: Uint8Array, ends: Uint32Array) {
    this.bytes = bytes;
    this.ends = ends;
    this.length = ends.length;
  }

  static from(ids: readonly string[]): TextIds {
    const { bytes, ends } = encodeTexts(ids);
    return new TextIds(bytes, ends);
  }

  at(index: number): string {
    if (!isIndex(index, this.length)) {
      throw new CslError(
        "invalid-argument",
        `SampleIds: expected an index below ${this.length}, got ${index}.`,
      );
    }
    const bytes = this.#bytesAt(index);
    // Decoding by hand is several times faster than a TextDecoder for the short ASCII texts that ids are.
    let text = "";
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i]! >= 0x80) return decoder.decode(bytes);
      text += String.fromCharCode(bytes[i]!);
    }
    return text;
  }

  indexOf(id: string): number {
    return this.#find(encoder.encode(id));
  }

  isRepeat(index: number): boolean {
    return this.#find(this.#bytesAt(index)) !== index;
  }

  select(indices: ArrayLike<number>): TextIds {
    const ends = new Uint32Array(indices.length);
    let total = 0;
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i]!;
      total += this.ends[index]! - (index === 0 ? 0 : this.ends[index - 1]!);
      ends[i] = total;
    }
    if (total > 0xffffffff)
      throw new CslError("invalid-argument", `SampleIds: expected below 4 GB of ids, got ${total} bytes.`);
    const bytes = new Uint8Array(total);
    for (let i = 0; i < indices.length; i++) {
      bytes.set(this.#bytesAt(indices[i]!), i === 0 ? 0 : ends[i - 1]!);
    }
    return new TextIds(bytes, ends);
  }

  *[Symbol.iterator](): Iterator<string> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  #find(id: Uint8Array): number {
    this.#index ??= new IdIndex(
      this.length,
      (i) => fnv1a(this.#bytesAt(i)),
      (a, b) => sameBytes(this.#bytesAt(a), this.#bytesAt(b)),
    );
    return this.#index.find(fnv1a(id), (i) => sameBytes(this.#bytesAt(i), id));
  }

  #bytesAt(index: number): Uint8Array {
    return this.bytes.subarray(index === 0 ? 0 : this.ends[index - 1]!, this.ends[index]!);
  }
}

function fnv1a(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const BLOCK = 1 << 16;

/** Packs millions of short texts without a call per text: blocks of texts are encoded together. */
function encodeTexts(texts: readonly string[]): { bytes: Uint8Array; ends: Uint32Array } {
  const ends = new Uint32Array(texts.length);
  const blocks: Uint8Array[] = [];
  let total = 0;
  for (let start = 0; start < texts.length; start += BLOCK) {
    const block = texts.slice(start, start + BLOCK);
    const joined = block.join("");
    const bytes = encoder.encode(joined);
    const ascii = bytes.length === joined.length;
    // One by one where lengths differ: halves of a surrogate pair at the ends of two texts would join into one sign.
    const parts = ascii ? undefined : block.map((text) => encoder.encode(text));
    block.forEach((text, i) => {
      total += parts ? parts[i]!.length : text.length;
      ends[start + i] = total;
    });
    for (const part of parts ?? [bytes]) blocks.push(part);
  }
  if (total > 0xffffffff)
    throw new CslError("invalid-argument", `encodeTexts: expected below 4 GB of ids, got ${total} bytes.`);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const block of blocks) {
    bytes.set(block, at);
    at += block.length;
  }
  return { bytes, ends };
}
