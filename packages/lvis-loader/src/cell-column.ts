import { NumberColumn } from "@csl/internal/json/number-column";

const LONGEST_RUN = 255;

/** Pairs of image and category numbers. A run of the same pair (the instances of one class) takes 9 bytes in all. */
export class CellColumn {
  readonly #images: NumberColumn = new NumberColumn(Uint32Array);
  readonly #categories: NumberColumn = new NumberColumn(Uint32Array);
  readonly #runs: NumberColumn = new NumberColumn(Uint8Array);
  #image = 0;
  #category = 0;
  #run = 0;

  push(image: number, category: number): void {
    if (image === this.#image && category === this.#category && this.#run < LONGEST_RUN) {
      this.#run++;
      return;
    }
    this.#flush();
    this.#image = image;
    this.#category = category;
    this.#run = 1;
  }

  /** In the order of `push`; `run`: how many times in a row. */
  forEach(visit: (image: number, category: number, run: number) => void): void {
    this.#flush();
    for (let i = 0; i < this.#runs.length; i++) {
      visit(this.#images.at(i), this.#categories.at(i), this.#runs.at(i));
    }
  }

  #flush(): void {
    if (this.#run === 0) return;
    this.#images.push(this.#image);
    this.#categories.push(this.#category);
    this.#runs.push(this.#run);
    this.#run = 0;
  }
}
