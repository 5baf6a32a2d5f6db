/** What can be wrong with a row of a custom label file, and what becomes of the row. */
export const problemKinds = {
  "bad-json": "a line that is not a JSON object; left out",
  "bad-row": "a row with a wrong number or kind of fields; left out",
  "torn-line": "the last line is cut off; left out",
  "no-path": "a row without a path; left out",
  unclear: "a cell that can be read in several ways; the row is left out",
  "no-value": "a cell that says nan, None or the like; read as blank",
  "repeated-path": "a path that came before; the labels are added to those of its first row",
  "other-split": "a path that came before in another split; the first row stays, this one is left out",
  "missing-image": "no file of that name under the root; the row is left out",
  "unknown-class": "a class that the class list does not have; the entry is left out",
  "both-lists": "a class that is positive and negative in an image; un-annotated there",
  "no-labels": "a row without positives and negatives; kept, all un-annotated",
  encoding: "characters that another program could not read and has lost (U+FFFD); kept",
  "not-read": "reading had to stop here; the rest of the file is left out",
} as const;

export type ProblemKind = keyof typeof problemKinds;

/** One thing that is wrong, where, and in words. */
export interface Problem {
  /** Of the file, from 1. */
  readonly line: number;
  readonly kind: ProblemKind;
  readonly message: string;
}

/** What a person can do about a cell that is not clear. */
export const describeUnclear = (why: string): string =>
  `${why.slice(0, 100)}. Separate classes by ";", or list the classes in classes.txt, one a line`;

export type ProblemCounts = Partial<Record<ProblemKind, number>>;

/** Counts all problems and keeps the first of every kind. */
export class ProblemLog {
  readonly counts: ProblemCounts = {};
  readonly #keep: number;
  readonly #kept: Problem[] = [];

  /** @param keep how many of each kind. */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /** By line. */
  get kept(): Problem[] {
    return this.#kept.toSorted((a, b) => a.line - b.line);
  }

  /** @param message built only for a problem that is kept: near matches take time. */
  add(line: number, kind: ProblemKind, message: () => string): void {
    const count = (this.counts[kind] ?? 0) + 1;
    this.counts[kind] = count;
    if (count <= this.#keep) this.#kept.push({ line, kind, message: message() });
  }
}

/** Notes what stood for "no value" in a row: a class may have such a name. */
export function noteNoValues(
  problems: ProblemLog,
  line: number,
  cells: readonly { noValue?: string }[],
): void {
  for (const { noValue } of cells)
    if (noValue !== undefined)
      problems.add(
        line,
        "no-value",
        () =>
          `read ${JSON.stringify(noValue)} as no class. If it is one, list the classes in classes.txt, one a line`,
      );
}
