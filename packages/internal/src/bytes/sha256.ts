import { sha256 } from "@noble/hashes/sha2.js";

interface Hash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

/**
 * SHA-256, synchronous and incremental, in Node and in browsers (whose own `crypto.subtle` is asynchronous and takes all
 * bytes at once). In Node its own implementation does the work, several times faster, unless `native` is false.
 */
export class Sha256 {
  readonly #hash: Hash;

  constructor({ native = true }: { native?: boolean } = {}) {
    // Asked for on use and not imported, so that the package bundles and loads in a browser.
    const crypto = native ? globalThis.process?.getBuiltinModule?.("node:crypto") : undefined;
    this.#hash = crypto ? crypto.createHash("sha256") : sha256.create();
  }

  update(data: ArrayBufferView | string): this {
    const bytes =
      typeof data === "string"
        ? new TextEncoder().encode(data)
        : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#hash.update(bytes);
    return this;
  }

  /** Ends the hash: 64 hexadecimal digits. The object takes no more data afterwards. */
  hex(): string {
    return Array.from(this.#hash.digest(), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}
