/** Texts one after another in UTF-8; text i ends before byte `ends[i]`. */
export interface PackedTexts {
  bytes: Uint8Array;
  ends: Uint32Array;
}

const BLOCK = 1 << 16;

/** Packs millions of short texts without a call per text: blocks of texts are encoded together. */
export function encodeTexts(texts: readonly string[]): PackedTexts {
  const encoder = new TextEncoder();
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
  if (total > 0xffffffff) throw new Error(`encodeTexts: expected below 4 GB of ids, got ${total} bytes.`);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const block of blocks) {
    bytes.set(block, at);
    at += block.length;
  }
  return { bytes, ends };
}
