/** Whole numbers below 2^32, appended one by one to memory that doubles. */
export class GrowingArray {
  #values = new Uint32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  /** A copy of just the right length. */
  finish(): Uint32Array {
    return this.#values.slice(0, this.length);
  }
}
