/**
 * SHA-256 (FIPS 180-4), synchronous and incremental. The browser's own (`crypto.subtle`) is asynchronous and
 * one-shot and Node's needs node:crypto; hashes of class lists and tables are wanted in both places. In Node its own
 * does the work, several times faster, unless `native` is false.
 */
export class Sha256 {
  readonly #state: Int32Array = Int32Array.from(INITIAL);
  readonly #block: Uint8Array = new Uint8Array(64);
  readonly #schedule: Int32Array = new Int32Array(64);
  readonly #native: NativeHash | undefined;
  #filled = 0;
  #length = 0;

  constructor({ native = true }: { native?: boolean } = {}) {
    // Asked for on use and not imported, so that the package bundles and loads in a browser.
    const crypto = native ? globalThis.process?.getBuiltinModule?.("node:crypto") : undefined;
    this.#native = crypto?.createHash("sha256");
  }

  update(data: ArrayBufferView | string): this {
    const bytes =
      typeof data === "string"
        ? new TextEncoder().encode(data)
        : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (this.#native) {
      this.#native.update(bytes);
      return this;
    }
    this.#length += bytes.length;
    let at = 0;
    if (this.#filled > 0) {
      at = Math.min(64 - this.#filled, bytes.length);
      this.#block.set(bytes.subarray(0, at), this.#filled);
      this.#filled += at;
      if (this.#filled < 64) return this;
      this.#compress(this.#block, 0);
      this.#filled = 0;
    }
    for (; at + 64 <= bytes.length; at += 64) this.#compress(bytes, at);
    this.#block.set(bytes.subarray(at));
    this.#filled = bytes.length - at;
    return this;
  }

  /** Ends the hash: 32 bytes. The object takes no more data afterwards. */
  digest(): Uint8Array {
    if (this.#native) return Uint8Array.from(this.#native.digest());
    const tail = new Uint8Array(this.#filled < 56 ? 64 : 128);
    tail.set(this.#block.subarray(0, this.#filled));
    tail[this.#filled] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(this.#length / 2 ** 29));
    view.setUint32(tail.length - 4, (this.#length * 8) % 2 ** 32);
    for (let at = 0; at < tail.length; at += 64) this.#compress(tail, at);
    const out = new Uint8Array(32);
    const outView = new DataView(out.buffer);
    this.#state.forEach((word, i) => {
      outView.setInt32(i * 4, word);
    });
    return out;
  }

  /** Ends the hash: 64 hexadecimal digits. */
  hex(): string {
    return Array.from(this.digest(), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  #compress(bytes: Uint8Array, at: number): void {
    const w = this.#schedule;
    const s = this.#state;
    for (let i = 0, p = at; i < 16; i++, p += 4) {
      w[i] = (bytes[p]! << 24) | (bytes[p + 1]! << 16) | (bytes[p + 2]! << 8) | bytes[p + 3]!;
    }
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15]!;
      const y = w[i - 2]!;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
    }
    let a = s[0]!;
    let b = s[1]!;
    let c = s[2]!;
    let d = s[3]!;
    let e = s[4]!;
    let f = s[5]!;
    let g = s[6]!;
    let h = s[7]!;
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i]! + w[i]!) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    s[0]! += a;
    s[1]! += b;
    s[2]! += c;
    s[3]! += d;
    s[4]! += e;
    s[5]! += f;
    s[6]! += g;
    s[7]! += h;
  }
}

/** What is used of Node's hash. */
interface NativeHash {
  update(data: Uint8Array): unknown;
  digest(): Uint8Array;
}

// The constants of the standard: fractional bits of the square (state) and cube (round) roots of the primes.
const PRIMES = primes(64);
const INITIAL = PRIMES.slice(0, 8).map((p) => fractionBits(p, 2n));
const ROUND: Int32Array = Int32Array.from(PRIMES, (p) => fractionBits(p, 3n));

function primes(count: number): bigint[] {
  const found: bigint[] = [];
  for (let n = 2n; found.length < count; n++) if (found.every((p) => n % p !== 0n)) found.push(n);
  return found;
}

/** The first 32 bits of the fraction of the `degree`-th root of `n`, by bisection on integers. */
function fractionBits(n: bigint, degree: bigint): number {
  const target = n << (32n * degree);
  let low = 0n;
  let high = n << 32n;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** degree <= target) low = middle;
    else high = middle - 1n;
  }
  return Number(BigInt.asIntN(32, low));
}
