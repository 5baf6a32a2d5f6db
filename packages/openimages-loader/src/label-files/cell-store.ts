import { type ConflictPolicy, Contradiction, conflictPolicies, type Mark } from "./label-mark.js";

/**
 * The labels read so far: groups (one image's rows in a row), each with its cells sorted by class and merged as
 * they come. 3 bytes a label and 12 a group; the arrays are reserved from the share of the files that has been read,
 * and pages not yet written to take no memory.
 */
export class CellStore {
  /** [groups, 2]: the images' ids, upper and lower 32 bits. */
  words: Uint32Array = new Uint32Array(0);
  /** [groups + 1]: where the cells of a group begin; the last group is open until the next begins. */
  offsets: Uint32Array = new Uint32Array(1);
  classes: Uint16Array = new Uint16Array(0);
  marks: Uint8Array = new Uint8Array(0);
  groups = 0;
  cells = 0;
  /** The first groups of every ascending run of ids. */
  readonly runs: number[] = [];
  duplicates = 0;
  overruled = 0;
  readonly #merge: (first: Mark, second: Mark) => Mark;
  #start = 0;
  #upper = -1;
  #lower = -1;

  constructor(conflicts: ConflictPolicy) {
    this.#merge = conflictPolicies[conflicts];
  }

  /** Room for `more` groups and labels; where there is none, for as many as the `share` of the files that is in lets expect. */
  reserve(more: number, share: number): void {
    const expected = (count: number): number =>
      Math.ceil(share > 0 ? (count / share) * 1.03 : count * 1.5) + more;
    if (this.groups + more > this.words.length / 2) {
      const groups = expected(this.groups);
      this.words = grown(this.words, new Uint32Array(groups * 2), this.groups * 2);
      this.offsets = grown(this.offsets, new Uint32Array(groups + 1), this.groups + 1);
    }
    if (this.cells + more > this.classes.length) {
      const cells = expected(this.cells);
      this.classes = grown(this.classes, new Uint16Array(cells), this.cells);
      this.marks = grown(this.marks, new Uint8Array(cells), this.cells);
    }
  }

  /** Room for so many, and no more. Pages not written to take no memory. */
  reserveExactly(groups: number, cells: number): void {
    this.words = new Uint32Array(groups * 2);
    this.offsets = new Uint32Array(groups + 1);
    this.classes = new Uint16Array(cells);
    this.marks = new Uint8Array(cells);
  }

  /** The rows that follow are of this image. */
  begin(upper: number, lower: number): void {
    if (upper === this.#upper && lower === this.#lower) return;
    if (upper < this.#upper || (upper === this.#upper && lower < this.#lower) || this.groups === 0) {
      this.runs.push(this.groups);
    }
    this.#upper = upper;
    this.#lower = lower;
    this.#start = this.cells;
    this.words[2 * this.groups] = upper;
    this.words[2 * this.groups + 1] = lower;
    this.groups++;
    this.offsets[this.groups] = this.cells;
  }

  put(classIndex: number, mark: Mark): void {
    const { cells, classes } = this;
    if (cells > this.#start && classes[cells - 1]! >= classIndex) {
      this.#insert(classIndex, mark);
    } else {
      classes[cells] = classIndex;
      this.marks[cells] = mark;
      this.offsets[this.groups] = ++this.cells;
    }
  }

  #insert(classIndex: number, mark: Mark): void {
    const { classes, marks, cells } = this;
    let at = cells - 1;
    if (cells - this.#start <= 64) {
      while (at > this.#start && classes[at - 1]! >= classIndex) at--;
    } else {
      at = firstNotBelow(classes, classIndex, this.#start, cells);
    }
    if (classes[at] === classIndex) {
      const before = marks[at]!;
      const after = this.#merge(before, mark);
      this.duplicates++;
      if ((after & Contradiction) === 0 && ((before ^ mark) & 1) !== 0) this.overruled++;
      marks[at] = after;
      return;
    }
    if (cells - at <= 32) {
      for (let i = cells; i > at; i--) {
        classes[i] = classes[i - 1]!;
        marks[i] = marks[i - 1]!;
      }
    } else {
      classes.copyWithin(at + 1, at, cells);
      marks.copyWithin(at + 1, at, cells);
    }
    classes[at] = classIndex;
    marks[at] = mark;
    this.offsets[this.groups] = ++this.cells;
  }
}

function firstNotBelow(classes: Uint16Array, wanted: number, from: number, to: number): number {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (classes[middle]! < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}

function grown<T extends Uint8Array | Uint16Array | Uint32Array>(from: T, to: T, used: number): T {
  to.set(from.subarray(0, used));
  return to;
}
