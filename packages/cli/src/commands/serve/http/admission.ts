import { ServiceError } from "./service-error.js";

/** Counts images that are accepted and not answered, and refuses more than fit. */
export class Admission {
  #accepted = 0;
  #idle: (() => void)[] = [];

  constructor(readonly limit: number) {}

  get accepted(): number {
    return this.#accepted;
  }

  get isFull(): boolean {
    return this.#accepted >= this.limit;
  }

  /** Accepts all of some images or none. @throws ServiceError 429, or 413 for more than ever fit. */
  async run<T>(images: number, work: () => Promise<T>): Promise<T> {
    if (images > this.limit)
      throw new ServiceError(
        413,
        "too-large",
        `csl serve: expected at most ${this.limit} images in a request (--queue), got ${images}.`,
      );
    if (this.#accepted + images > this.limit) throw this.full();
    this.#accepted += images;
    try {
      return await work();
    } finally {
      this.#accepted -= images;
      if (this.#accepted === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  full(): ServiceError {
    return new ServiceError(
      429,
      "busy",
      `csl serve: ${this.#accepted} images are waiting, and ${this.limit} may. Try again.`,
      1,
    );
  }

  /** Resolves once everything that was accepted is answered. */
  idle(): Promise<void> {
    return this.#accepted === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }
}
