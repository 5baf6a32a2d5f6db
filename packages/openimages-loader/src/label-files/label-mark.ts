/** Who gave a label, by how far it is to be trusted. */
export const LabelSource = { Machine: 0, Crowdsource: 1, Verification: 2 } as const;
export type LabelSource = (typeof LabelSource)[keyof typeof LabelSource];

/** The names that OpenImages writes, by rank. */
export const sourceNames: readonly string[] = ["machine", "crowdsource-verification", "verification"];

/** The rank of a source by its name; other names count as people, unless they contain "machine". */
export function labelSource(name: string): LabelSource {
  const known = sourceNames.indexOf(name);
  if (known >= 0) return known as LabelSource;
  return /machine/i.test(name) ? LabelSource.Machine : LabelSource.Crowdsource;
}

/**
 * What is known of one cell while files are read: whether the label is positive, who gave it (rank in `labelSources`),
 * and whether those of the highest rank contradict each other. One byte a cell.
 */
export type Mark = number;

export const Positive = 1;
export const Contradiction = 8;
const LABEL = Positive | Contradiction;

export const markOf = (rank: LabelSource, positive: boolean): Mark => (rank << 1) | (positive ? Positive : 0);
const rankOf = (mark: Mark): number => (mark >> 1) & 3;

export type ConflictPolicy = "trust" | "drop" | "positive-wins" | "negative-wins" | "last";

/** What becomes of two labels of one cell. `first` came earlier. */
type Merge = (first: Mark, second: Mark) => Mark;

const higher: Merge = (a, b) => (rankOf(b) > rankOf(a) ? b : a);
const contradiction: Merge = (a, b) => (higher(a, b) & ~LABEL) | Contradiction;
const same = (a: Mark, b: Mark): boolean => (a & LABEL) === (b & LABEL);

/**
 * What becomes of a cell that files label more than once:
 * `trust` human beats machine, verification beats crowdsource; a contradiction among equals leaves it un-annotated ·
 * `drop` any contradiction leaves it un-annotated · `positive-wins`, `negative-wins`, `last` as they say.
 */
export const conflictPolicies: Readonly<Record<ConflictPolicy, Merge>> = {
  trust: (a, b) => (rankOf(a) !== rankOf(b) || same(a, b) ? higher(a, b) : contradiction(a, b)),
  drop: (a, b) => (same(a, b) ? higher(a, b) : contradiction(a, b)),
  "positive-wins": (a, b) => higher(a, b) | ((a | b) & Positive),
  "negative-wins": (a, b) => higher(a, b) & ~(~(a & b) & Positive),
  last: (_, b) => b,
};
