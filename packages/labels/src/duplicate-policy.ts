import { Label } from "@csl/internal/labels/label";

/** What a (sample, class) cell has been given by all additions together. */
export type Merge = (positive: boolean, negative: boolean, last: Label) => Label;

export type DuplicatePolicy = "drop" | "positive-wins" | "negative-wins" | "last";

/**
 * What becomes of a cell that was labelled more than once. Un-annotated is the absence of an opinion and never
 * overrules one, except under `last`. Positive and negative for the same cell are a conflict:
 * - `drop`: nobody is believed, the cell becomes un-annotated;
 * - `positive-wins`, `negative-wins`: that side is believed;
 * - `last`: the latest addition counts, whatever it is (for sources that come in rising order of trust).
 */
export const duplicatePolicies: Readonly<Record<DuplicatePolicy, Merge>> = {
  drop: (positive, negative) => (positive === negative ? Label.Unannotated : sign(positive)),
  "positive-wins": (positive, negative) => (positive || negative ? sign(positive) : Label.Unannotated),
  "negative-wins": (positive, negative) => (positive || negative ? sign(!negative) : Label.Unannotated),
  last: (_positive, _negative, last) => last,
};

const sign = (positive: boolean): Label => (positive ? Label.Positive : Label.Negative);
